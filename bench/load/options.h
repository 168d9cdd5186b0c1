/* What one run of a load generator is asked to do: the command line, the same for every generator. */
#ifndef CORDWOOD_BENCH_OPTIONS_H
#define CORDWOOD_BENCH_OPTIONS_H

#include <stddef.h>

#define MAX_OVERRIDES 32

enum mode {
    MODE_PRODUCE,   /* as many messages as the client may batch */
    MODE_PIPELINED, /* one message in a request, many requests under way on one connection */
    MODE_SYNC,      /* one message in a request, the next one when the last is acknowledged */
    MODE_CONSUME,   /* read from the beginning */
    MODE_FIRST,     /* wait for the port, then for one acknowledgement */
    MODE_TRANSACT,  /* transactions of ten messages, the next one when the last is committed */
    MODE_PIPELINE,  /* one message through a transactional pipeline, the next one when it has come out */
};

struct options {
    enum mode mode;
    const char *host;
    int port;
    const char *address;  /* "host:port", as given */
    const char *topic;    /* a Kafka topic, or a stream's name */
    const char *acks;     /* Kafka's acks: "1", "all" */
    size_t size;          /* bytes in a value */
    int partitions;       /* messages go to partition 0 .. partitions-1 in turn */
    int connections;      /* sync and transact: how many clients, a thread and a connection each */
    long messages;        /* stop after so many; 0 means no such bound */
    double seconds;       /* stop after so long; 0 means no such bound */
    double since;         /* first only: CLOCK_MONOTONIC time to count from; 0 means the start of the generator */
    const char *overrides[MAX_OVERRIDES]; /* "key=value" for librdkafka */
    int override_count;
};

/* Fills options from the command line; prints the usage and exits with 2 when it makes no sense. */
void options_parse(struct options *options, int argc, char **argv);

#endif
