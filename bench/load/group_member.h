/* A member of a consumer group: what it sends next, and what an answer makes of it. Knows no socket. */
#ifndef CORDWOOD_BENCH_GROUP_MEMBER_H
#define CORDWOOD_BENCH_GROUP_MEMBER_H

#include "kafka_wire.h"

#define ID_BYTES 128

enum protocol { CLASSIC, CONSUMER };

enum state {
    OUT,     /* not in the group */
    JOINING, /* its JoinGroup, or its first ConsumerGroupHeartbeat, is to be sent or under way */
    SYNCING, /* classic: has its generation, waits for its partitions */
    STABLE,  /* has partitions; those of the consumer protocol may have to say so yet (`owes_ack`) */
    LEAVING, /* is to say good-bye, or waits for the answer */
};

/* What all members of a run have in common. */
struct plan {
    enum protocol protocol;
    const char *topic;
    int partitions;
    int group_size;
};

struct member;

struct group {
    char name[64];
    struct member *members;
    int is_stable; /* every member that is not out has its partitions, and knows of all others */
};

struct member {
    struct group *group;
    enum state state;
    char id[ID_BYTES];
    int generation; /* or epoch; the classic protocol's -1 while there is none */
    int seen_size;  /* the leader of a generation: how many members it has */
    int is_leader;
    int owes_ack;
    int failed;                              /* answers that no member should get */
    unsigned char topic_id[16];              /* of the one topic, as the consumer protocol tells it */
    int32_t *owned, owned_count;             /* partitions; the classic protocol's are only counted */
    char (*peers)[ID_BYTES];                 /* the leader: ids of the generation's members */
};

/* Which request is to be written. */
enum request { REQUEST_NEXT, REQUEST_HEARTBEAT, REQUEST_COMMIT };

/* Writes a request: what the member's state asks for, a plain heartbeat, or the commit of one offset. */
void member_request(struct member *member, const struct plan *plan, enum request request, struct writer *writer);

/* Takes the answer. Returns 0, or the code of an error that only has to be tried again later. */
int member_answer(struct member *member, const struct plan *plan, int api, const unsigned char *frame, size_t length);

/* Whether it has something to say before its next heartbeat is due. */
int member_has_to_say(const struct member *member);

/* Works out `is_stable`. */
void group_judge(struct group *group, const struct plan *plan);

/* Of the two protocols; `member_request` and `member_answer` choose among them. */
void classic_request(struct member *member, const struct plan *plan, struct writer *writer);
int classic_answer(struct member *member, const struct plan *plan, int api, struct reader *reader);
void consumer_request(struct member *member, const struct plan *plan, struct writer *writer);
int consumer_answer(struct member *member, const struct plan *plan, struct reader *reader);

enum api {
    OFFSET_COMMIT = 8, FIND_COORDINATOR = 10, JOIN_GROUP = 11, HEARTBEAT = 12, LEAVE_GROUP = 13, SYNC_GROUP = 14,
    CONSUMER_GROUP_HEARTBEAT = 68,
};

enum error {
    COORDINATOR_LOAD_IN_PROGRESS = 14, COORDINATOR_NOT_AVAILABLE = 15, NOT_COORDINATOR = 16,
    ILLEGAL_GENERATION = 22, UNKNOWN_MEMBER_ID = 25, REBALANCE_IN_PROGRESS = 27, MEMBER_ID_REQUIRED = 79,
};

/* Copies a text of a response to where an id is kept. */
void member_keep_id(char *id, const unsigned char *text, size_t length);

#endif
