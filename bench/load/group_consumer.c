/* The consumer protocol (KIP-848): everything is a ConsumerGroupHeartbeat. */
#include "group_member.h"

#include <stdlib.h>
#include <string.h>

#define REBALANCE_MS 60000
#define HEARTBEAT_VERSION 1 /* the first in which members choose their ids */

enum { EPOCH_JOIN = 0, EPOCH_LEAVE = -1 };

static void put_owned(const struct member *member, struct writer *writer)
{
    put_count(writer, member->owned_count ? 1 : 0);
    if (!member->owned_count)
        return;
    put_raw(writer, member->topic_id, sizeof member->topic_id);
    put_count(writer, member->owned_count);
    for (int i = 0; i < member->owned_count; i++)
        put_i32(writer, member->owned[i]);
    put_tags(writer);
}

void consumer_request(struct member *member, const struct plan *plan, struct writer *writer)
{
    int is_joining = member->state == JOINING;
    int epoch = is_joining ? EPOCH_JOIN : member->state == LEAVING ? EPOCH_LEAVE : member->generation;
    wire_begin(writer, CONSUMER_GROUP_HEARTBEAT, HEARTBEAT_VERSION, 1);
    put_text(writer, member->group->name);
    put_text(writer, member->id);
    put_i32(writer, epoch);
    put_text(writer, NULL); /* no instance */
    put_text(writer, NULL); /* no rack */
    put_i32(writer, is_joining ? REBALANCE_MS : -1);
    if (is_joining) {
        put_count(writer, 1);
        put_text(writer, plan->topic);
    } else {
        put_count(writer, -1); /* as before */
    }
    put_text(writer, NULL); /* no regular expression */
    put_text(writer, NULL); /* the assignor that the broker likes best */
    if (is_joining || member->owes_ack)
        put_owned(member, writer);
    else
        put_count(writer, -1); /* as before */
    put_tags(writer);
}

static void take_assignment(struct member *member, struct reader *reader)
{
    member->owned_count = 0;
    for (int topics = get_count(reader); topics > 0 && !reader->broken; topics--) {
        const unsigned char *id = get_raw(reader, sizeof member->topic_id);
        if (id)
            memcpy(member->topic_id, id, sizeof member->topic_id);
        int count = get_count(reader);
        member->owned = realloc(member->owned, (size_t)(count + 1) * sizeof *member->owned);
        member->owned_count = count;
        for (int i = 0; i < count; i++)
            member->owned[i] = (int32_t)get_int(reader, 4);
        get_tags(reader);
    }
    get_tags(reader);
}

static int refused(struct member *member, int error)
{
    if (error == COORDINATOR_LOAD_IN_PROGRESS || error == COORDINATOR_NOT_AVAILABLE || error == NOT_COORDINATOR)
        return error;
    member->failed++;
    member->owned_count = member->owes_ack = 0;
    member->state = member->state == LEAVING ? OUT : JOINING;
    return error;
}

int consumer_answer(struct member *member, const struct plan *plan, struct reader *reader)
{
    (void)plan;
    size_t length;
    reader->flexible = 1;
    get_tags(reader); /* of the header */
    get_int(reader, 4);
    int error = (int)get_int(reader, 2);
    get_text(reader, &length);
    if (error)
        return refused(member, error);
    const unsigned char *id = get_text(reader, &length);
    if (id)
        member_keep_id(member->id, id, length);
    int epoch = (int)get_int(reader, 4);
    get_int(reader, 4); /* the interval it proposes; ours is fixed */
    member->owes_ack = 0;
    if (member->state == LEAVING) {
        member->state = OUT;
        member->owned_count = 0;
        return 0;
    }
    member->generation = epoch;
    member->state = STABLE;
    if (get_int(reader, 1) >= 0) {
        take_assignment(member, reader);
        member->owes_ack = 1;
    }
    return 0;
}
