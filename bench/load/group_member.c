/* What both protocols share: heartbeats by request, commits, and when a group is stable. */
#include "group_member.h"

#include <string.h>

#define COMMIT_VERSION 9 /* as librdkafka sends it */

void member_keep_id(char *id, const unsigned char *text, size_t length)
{
    if (length >= ID_BYTES)
        length = ID_BYTES - 1;
    if (length)
        memcpy(id, text, length);
    id[length] = 0;
}

int member_has_to_say(const struct member *member)
{
    return member->owes_ack || (member->state != OUT && member->state != STABLE);
}

static void commit_request(struct member *member, const struct plan *plan, struct writer *writer)
{
    wire_begin(writer, OFFSET_COMMIT, COMMIT_VERSION, 1);
    put_text(writer, member->group->name);
    put_i32(writer, member->generation);
    put_text(writer, member->id);
    put_text(writer, NULL);
    put_count(writer, 1);
    put_text(writer, plan->topic);
    put_count(writer, 1);
    put_i32(writer, 0);
    put_i64(writer, 1000000);
    put_i32(writer, -1);
    put_text(writer, "");
    put_tags(writer);
    put_tags(writer);
    put_tags(writer);
}

static int commit_answer(struct reader *reader)
{
    size_t length;
    reader->flexible = 1;
    get_tags(reader);
    get_int(reader, 4);
    get_count(reader);
    get_text(reader, &length);
    get_count(reader);
    get_int(reader, 4);
    return (int)get_int(reader, 2);
}

void member_request(struct member *member, const struct plan *plan, enum request request, struct writer *writer)
{
    if (request == REQUEST_COMMIT)
        commit_request(member, plan, writer);
    else if (plan->protocol == CLASSIC)
        classic_request(member, plan, writer);
    else
        consumer_request(member, plan, writer);
    wire_finish(writer);
}

int member_answer(struct member *member, const struct plan *plan, int api, const unsigned char *frame, size_t length)
{
    struct reader reader = {.bytes = frame, .end = frame + length};
    int error = 0;
    get_int(&reader, 4); /* the correlation id */
    if (api == OFFSET_COMMIT) {
        if (commit_answer(&reader))
            member->failed++;
    } else if (plan->protocol == CLASSIC) {
        error = classic_answer(member, plan, api, &reader);
    } else {
        error = consumer_answer(member, plan, &reader);
    }
    if (reader.broken)
        member->failed++;
    return error;
}

void group_judge(struct group *group, const struct plan *plan)
{
    int count = 0, seen = 0, owned = 0, generation = -1;
    group->is_stable = 0;
    for (int i = 0; i < plan->group_size; i++) {
        const struct member *member = &group->members[i];
        if (member->state == OUT)
            continue;
        if (member->state != STABLE || member->owes_ack || (count && member->generation != generation))
            return;
        generation = member->generation;
        count++;
        owned += member->owned_count;
        if (member->is_leader)
            seen = member->seen_size;
    }
    group->is_stable = !count || (owned == plan->partitions && (plan->protocol == CONSUMER || seen == count));
}
