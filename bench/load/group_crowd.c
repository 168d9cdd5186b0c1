/* The event loop of a crowd of members. */
#include "group_crowd.h"

#include "tcp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256
#define TICK_SECONDS 0.005
#define RETRY_SECONDS 0.1 /* as the Java client and librdkafka have it */
#define ANSWER_SECONDS 30.0
#define IN_BYTES 512
#define FIND_VERSION 1

static void judge(struct crowd *crowd, struct group *group)
{
    int before = group->is_stable;
    group_judge(group, &crowd->plan);
    crowd->unstable += before - group->is_stable;
}

static int send_request(struct crowd *crowd, struct link *link, enum request request)
{
    struct writer *writer = &crowd->writer;
    member_request(link->member, &crowd->plan, request, writer);
    link->api = writer->bytes[4] << 8 | writer->bytes[5];
    link->sent = now();
    link->due = link->sent + crowd->interval;
    for (size_t sent = 0; sent < writer->length;) {
        ssize_t count = send(link->socket, writer->bytes + sent, writer->length - sent, MSG_NOSIGNAL);
        if (count < 0) {
            perror("send");
            return -1;
        }
        sent += (size_t)count;
    }
    return 0;
}

static size_t frame_size(const struct link *link)
{
    const unsigned char *bytes = link->in;
    if (link->held < 4)
        return 0;
    return 4 + ((size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3]);
}

/* 1 when the answer is there, 0 when more is to come, -1 when the broker hung up. */
static int receive(struct link *link)
{
    for (;;) {
        size_t size = frame_size(link), wanted = size ? size : IN_BYTES;
        if (wanted > link->capacity) {
            link->capacity = wanted;
            link->in = realloc(link->in, wanted);
        }
        ssize_t count = recv(link->socket, link->in + link->held, link->capacity - link->held, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (count <= 0) {
            fprintf(stderr, "the broker closed the connection of a member of %s\n", link->member->group->name);
            return -1;
        }
        link->held += (size_t)count;
        size = frame_size(link);
        if (size && link->held >= size)
            return 1;
    }
}

/* Takes what came; 1 when the member is free to send again. */
static int take(struct crowd *crowd, struct link *link)
{
    int ready = receive(link);
    if (ready <= 0)
        return ready;
    latencies_add(&crowd->latencies, now() - link->sent);
    int api = link->api;
    link->api = -1;
    size_t length = link->held - 4;
    link->held = 0;
    crowd->answered++;
    if (member_answer(link->member, &crowd->plan, api, link->in + 4, length))
        link->due = now() + RETRY_SECONDS;
    else if (member_has_to_say(link->member))
        link->due = 0;
    return 1;
}

/* Asks where the first group is coordinated, as every client does: Kafka makes its internal topic only then. */
static int find_coordinator(struct crowd *crowd, struct link *link)
{
    struct epoll_event event;
    for (double over = now() + ANSWER_SECONDS; now() < over; usleep((useconds_t)(RETRY_SECONDS * 1e6))) {
        wire_begin(&crowd->writer, FIND_COORDINATOR, FIND_VERSION, 0);
        put_text(&crowd->writer, link->member->group->name);
        put_i8(&crowd->writer, 0); /* of a group */
        wire_finish(&crowd->writer);
        if (send(link->socket, crowd->writer.bytes, crowd->writer.length, MSG_NOSIGNAL) < 0)
            return -1;
        int ready = 0;
        while (!ready && epoll_wait(crowd->epoll, &event, 1, (int)(ANSWER_SECONDS * 1000)) > 0)
            ready = receive(link);
        struct reader reader = {.bytes = link->in + 4, .end = link->in + link->held};
        link->held = 0;
        get_int(&reader, 4);
        get_int(&reader, 4);
        if (ready > 0 && !get_int(&reader, 2) && !reader.broken)
            return 0;
        if (ready <= 0)
            return -1;
    }
    fprintf(stderr, "nobody coordinates %s\n", link->member->group->name);
    return -1;
}

int crowd_open(struct crowd *crowd, const char *host, int port, const char *name)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd->groups = calloc((size_t)crowd->group_count, sizeof *crowd->groups);
    crowd->members = calloc((size_t)crowd->member_count, sizeof *crowd->members);
    crowd->links = calloc((size_t)crowd->member_count, sizeof *crowd->links);
    for (int i = 0; i < crowd->group_count; i++) {
        snprintf(crowd->groups[i].name, sizeof crowd->groups[i].name, "%.40s-%d", name, i);
        crowd->groups[i].members = crowd->members + i * crowd->plan.group_size;
        crowd->groups[i].is_stable = 1;
    }
    for (int i = 0; i < crowd->member_count; i++) {
        struct link *link = &crowd->links[i];
        link->member = &crowd->members[i];
        link->member->group = &crowd->groups[i / crowd->plan.group_size];
        link->member->generation = -1;
        if (crowd->plan.protocol == CONSUMER)
            snprintf(link->member->id, ID_BYTES, "%.40s-member-%d", name, i);
        link->api = -1;
        link->socket = tcp_connect(host, port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
        if (link->socket < 0 || epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, link->socket, &event)) {
            fprintf(stderr, "connection %d: %s\n", i, strerror(errno));
            return -1;
        }
    }
    return find_coordinator(crowd, &crowd->links[0]);
}

/* How many answers are owed. */
static int under_way(const struct crowd *crowd)
{
    int count = 0;
    for (int i = 0; i < crowd->member_count; i++)
        count += crowd->links[i].api >= 0;
    return count;
}

/* Waits for the answers that are owed: a phase begins and ends with none. */
static int drain(struct crowd *crowd)
{
    struct epoll_event events[EVENTS];
    int owed = under_way(crowd);
    while (owed) {
        int count = epoll_wait(crowd->epoll, events, EVENTS, (int)(ANSWER_SECONDS * 1000));
        if (count == 0) {
            fprintf(stderr, "%d answers did not come\n", owed);
            return -1;
        }
        for (int i = 0; i < count; i++) {
            int ready = take(crowd, events[i].data.ptr);
            if (ready < 0)
                return -1;
            owed -= ready;
        }
    }
    return 0;
}

static int settle_link(struct crowd *crowd, struct link *link)
{
    int ready = take(crowd, link);
    if (ready <= 0)
        return ready;
    judge(crowd, link->member->group);
    return link->due == 0 ? send_request(crowd, link, REQUEST_NEXT) : 0;
}

/* Sends whatever is due. */
static int tick(struct crowd *crowd, double time)
{
    for (int i = 0; i < crowd->member_count; i++) {
        struct link *link = &crowd->links[i];
        if (link->api >= 0 || link->member->state == OUT || link->due > time)
            continue;
        if (send_request(crowd, link, REQUEST_NEXT))
            return -1;
    }
    return 0;
}

int crowd_settle(struct crowd *crowd, double patience)
{
    struct epoll_event events[EVENTS];
    double over = now() + patience, next = 0;
    if (drain(crowd))
        return -1;
    crowd->unstable = crowd->group_count;
    for (int i = 0; i < crowd->group_count; i++)
        crowd->groups[i].is_stable = 0;
    for (int i = 0; i < crowd->group_count; i++)
        judge(crowd, &crowd->groups[i]);
    for (int i = 0; i < crowd->member_count; i++)
        crowd->links[i].due = member_has_to_say(&crowd->members[i]) ? 0 : now() + crowd->interval * (i % 100) / 100;
    while (crowd->unstable) {
        double time = now();
        if (time > over) {
            fprintf(stderr, "%d of %d groups are not stable after %.0f s\n", crowd->unstable, crowd->group_count, patience);
            return -1;
        }
        if (time >= next) {
            if (tick(crowd, time))
                return -1;
            next = time + TICK_SECONDS;
        }
        int count = epoll_wait(crowd->epoll, events, EVENTS, (int)(TICK_SECONDS * 1000));
        for (int i = 0; i < count; i++)
            if (settle_link(crowd, events[i].data.ptr) < 0)
                return -1;
    }
    return 0;
}

static int send_next(struct crowd *crowd, enum request request)
{
    for (int tried = 0; tried < crowd->member_count; tried++) {
        struct link *link = &crowd->links[crowd->spare];
        crowd->spare = (crowd->spare + 1) % crowd->member_count;
        if (link->api < 0 && link->member->state == STABLE)
            return send_request(crowd, link, request) ? -1 : 1;
    }
    return 0;
}

int crowd_load(struct crowd *crowd, enum request request, double seconds, int window)
{
    struct epoll_event events[EVENTS];
    if (drain(crowd))
        return -1;
    crowd->answered = 0;
    crowd->latencies.count = 0;
    double over = now() + seconds;
    for (int i = 0; i < window; i++)
        if (send_next(crowd, request) < 0)
            return -1;
    while (now() < over) {
        int count = epoll_wait(crowd->epoll, events, EVENTS, (int)(ANSWER_SECONDS * 1000));
        if (count == 0) {
            fprintf(stderr, "no answer in %.0f s\n", ANSWER_SECONDS);
            return -1;
        }
        for (int i = 0; i < count; i++) {
            int ready = take(crowd, events[i].data.ptr);
            if (ready < 0 || (ready && send_next(crowd, request) < 0))
                return -1;
        }
    }
    return drain(crowd);
}
