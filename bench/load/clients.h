/* Running one synchronous client in each of N threads: connect all, start together, stop by the clock.
   How a client connects and sends is the generator's own business, given as two functions. */
#ifndef CORDWOOD_BENCH_CLIENTS_H
#define CORDWOOD_BENCH_CLIENTS_H

#include "measure.h"
#include "options.h"

struct client_type {
    /* Connects client number `index` and sends one message to warm up; NULL when that failed. */
    void *(*connect)(const struct options *options, int index);
    /* Sends one message and waits for its acknowledgement; 0 when it was acknowledged. */
    int (*send)(void *client);
    void (*close)(void *client);
};

/* The sync mode: every client sends for options->seconds, one message at a time. */
void run_clients(const struct options *options, const struct client_type *type, struct outcome *outcome);

#endif
