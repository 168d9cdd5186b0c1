/* Thousands of members in one thread: a connection each, one request under way on each, over epoll. */
#ifndef CORDWOOD_BENCH_GROUP_CROWD_H
#define CORDWOOD_BENCH_GROUP_CROWD_H

#include "group_member.h"
#include "measure.h"

/* A member's connection. */
struct link {
    struct member *member;
    int socket;
    int api;          /* of the request under way; -1 when there is none */
    double sent, due; /* when it was sent; when the member is to be heard of next */
    unsigned char *in;
    size_t held, capacity;
};

struct crowd {
    struct plan plan;
    int group_count, member_count;
    double interval; /* seconds between heartbeats */
    struct group *groups;
    struct member *members;
    struct link *links;
    struct writer writer;
    int epoll;
    int unstable;    /* groups that are not stable */
    int spare;       /* `crowd_load` only: the member whose turn it is next */
    struct latencies latencies;
    long answered, failed;
};

/* Connects everybody; -1 with a word on stderr when that fails. */
int crowd_open(struct crowd *crowd, const char *host, int port, const char *name);

/* Lets members join and leave as their states say until every group is stable: 0, or -1 when that takes too long. */
int crowd_settle(struct crowd *crowd, double patience);

/* The same request by everybody in turn, `window` under way at a time, for so many seconds. */
int crowd_load(struct crowd *crowd, enum request request, double seconds, int window);

#endif
