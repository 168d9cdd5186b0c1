/* The classic protocol: join, the leader assigns ranges, sync, heartbeat, leave. */
#include "group_member.h"

#include <stdlib.h>
#include <string.h>

/* The versions that librdkafka sends. */
enum { JOIN_VERSION = 5, SYNC_VERSION = 3, HEARTBEAT_VERSION = 3, LEAVE_VERSION = 3 };

#define SESSION_MS 120000
#define REBALANCE_MS 60000

static void finish_embedded(struct writer *into, struct writer *embedded)
{
    put_bytes(into, embedded->bytes, embedded->length);
    embedded->length = 0;
}

static struct writer *embedded_writer(void)
{
    static struct writer writer;
    writer.length = 0;
    return &writer;
}

static void put_subscription(struct writer *into, const struct plan *plan)
{
    struct writer *writer = embedded_writer();
    put_i16(writer, 1);
    put_count(writer, 1);
    put_text(writer, plan->topic);
    put_i32(writer, -1); /* no user data */
    put_count(writer, 0); /* owns nothing that it would keep */
    finish_embedded(into, writer);
}

static void put_range(struct writer *into, const struct plan *plan, int index, int count)
{
    struct writer *writer = embedded_writer();
    int share = plan->partitions / count, more = plan->partitions % count;
    int first = index * share + (index < more ? index : more);
    int size = share + (index < more);
    put_i16(writer, 0);
    put_count(writer, 1);
    put_text(writer, plan->topic);
    put_count(writer, size);
    for (int i = 0; i < size; i++)
        put_i32(writer, first + i);
    put_i32(writer, -1); /* no user data */
    finish_embedded(into, writer);
}

static void join_request(const struct member *member, const struct plan *plan, struct writer *writer)
{
    wire_begin(writer, JOIN_GROUP, JOIN_VERSION, 0);
    put_text(writer, member->group->name);
    put_i32(writer, SESSION_MS);
    put_i32(writer, REBALANCE_MS);
    put_text(writer, member->id);
    put_text(writer, NULL);
    put_text(writer, "consumer");
    put_count(writer, 1);
    put_text(writer, "range");
    put_subscription(writer, plan);
}

static void sync_request(const struct member *member, const struct plan *plan, struct writer *writer)
{
    int count = member->is_leader ? member->seen_size : 0;
    wire_begin(writer, SYNC_GROUP, SYNC_VERSION, 0);
    put_text(writer, member->group->name);
    put_i32(writer, member->generation);
    put_text(writer, member->id);
    put_text(writer, NULL);
    put_count(writer, count);
    for (int i = 0; i < count; i++) {
        put_text(writer, member->peers[i]);
        put_range(writer, plan, i, count);
    }
}

static void leave_request(const struct member *member, struct writer *writer)
{
    wire_begin(writer, LEAVE_GROUP, LEAVE_VERSION, 0);
    put_text(writer, member->group->name);
    put_count(writer, 1);
    put_text(writer, member->id);
    put_text(writer, NULL);
}

void classic_request(struct member *member, const struct plan *plan, struct writer *writer)
{
    if (member->state == JOINING) {
        join_request(member, plan, writer);
    } else if (member->state == SYNCING) {
        sync_request(member, plan, writer);
    } else if (member->state == LEAVING) {
        leave_request(member, writer);
    } else {
        wire_begin(writer, HEARTBEAT, HEARTBEAT_VERSION, 0);
        put_text(writer, member->group->name);
        put_i32(writer, member->generation);
        put_text(writer, member->id);
        put_text(writer, NULL);
    }
}

/* What an error asks of a member; 0 when it is dealt with, else the code: to be tried again. */
static int refused(struct member *member, int error)
{
    switch (error) {
    case COORDINATOR_LOAD_IN_PROGRESS:
    case COORDINATOR_NOT_AVAILABLE:
    case NOT_COORDINATOR: return error;
    case REBALANCE_IN_PROGRESS:
    case ILLEGAL_GENERATION: member->state = JOINING; return 0;
    default:
        member->failed++;
        member->state = JOINING;
        member->id[0] = 0;
        return 0;
    }
}

static void keep_peers(struct member *member, struct reader *reader, int count)
{
    size_t length;
    member->peers = realloc(member->peers, (size_t)(count + 1) * sizeof *member->peers);
    for (int i = 0; i < count; i++) {
        const unsigned char *id = get_text(reader, &length);
        member_keep_id(member->peers[i], id, length);
        get_text(reader, &length);
        get_bytes(reader, &length);
    }
    member->seen_size = count;
}

static int join_answer(struct member *member, struct reader *reader)
{
    size_t length, leader_length;
    get_int(reader, 4);
    int error = (int)get_int(reader, 2);
    int generation = (int)get_int(reader, 4);
    get_text(reader, &length);
    const unsigned char *leader = get_text(reader, &leader_length);
    const unsigned char *id = get_text(reader, &length);
    if (error && error != MEMBER_ID_REQUIRED)
        return refused(member, error);
    member_keep_id(member->id, id, length);
    if (error)
        return 0; /* now with the id */
    member->generation = generation;
    member->is_leader = leader_length == length && !memcmp(leader, id, length);
    keep_peers(member, reader, get_count(reader));
    member->state = SYNCING;
    return 0;
}

static int sync_answer(struct member *member, struct reader *reader)
{
    size_t length;
    get_int(reader, 4);
    int error = (int)get_int(reader, 2);
    const unsigned char *assignment = get_bytes(reader, &length);
    if (error)
        return refused(member, error);
    struct reader assigned = {.bytes = assignment, .end = assignment + length};
    get_int(&assigned, 2);
    get_count(&assigned);
    get_text(&assigned, &length);
    member->owned_count = get_count(&assigned);
    member->state = STABLE;
    return 0;
}

int classic_answer(struct member *member, const struct plan *plan, int api, struct reader *reader)
{
    (void)plan;
    if (api == JOIN_GROUP)
        return join_answer(member, reader);
    if (api == SYNC_GROUP)
        return sync_answer(member, reader);
    get_int(reader, 4);
    int error = (int)get_int(reader, 2);
    if (api == LEAVE_GROUP) {
        member->failed += error != 0;
        member->state = OUT;
        member->id[0] = 0;
        member->owned_count = 0;
        return 0;
    }
    return error ? refused(member, error) : 0;
}
