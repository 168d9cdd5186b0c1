/* Clock, latencies and the one JSON line that every generator prints. Knows nothing of any broker. */
#ifndef CORDWOOD_BENCH_MEASURE_H
#define CORDWOOD_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Seconds on CLOCK_MONOTONIC, which all processes of a machine share. */
double now(void);

/* Latencies in nanoseconds, growing as they come; one per thread, merged at the end. */
struct latencies {
    uint32_t *nanoseconds;
    size_t count;
    size_t capacity;
};

void latencies_add(struct latencies *latencies, double seconds);
void latencies_merge(struct latencies *into, struct latencies *from);

/* What a run came to. Latencies may be empty. */
struct outcome {
    long messages;  /* acknowledged, or consumed */
    long failed;    /* refused, timed out or lost */
    double seconds; /* from the first send to the last acknowledgement */
    size_t size;    /* bytes in a value */
    struct latencies latencies;
};

/* Prints the JSON line; returns the exit status: 0 when nothing failed. */
int outcome_print(struct outcome *outcome);

#endif
