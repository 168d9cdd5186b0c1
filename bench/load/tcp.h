/* Plain TCP for the generators that bring their own protocol, and waiting for a port to answer. */
#ifndef CORDWOOD_BENCH_TCP_H
#define CORDWOOD_BENCH_TCP_H

/* A connected socket with TCP_NODELAY, or -1. */
int tcp_connect(const char *host, int port);

/* Tries every millisecond until the port accepts; 0 when it did before the deadline (CLOCK_MONOTONIC seconds). */
int tcp_wait(const char *host, int port, double deadline);

#endif
