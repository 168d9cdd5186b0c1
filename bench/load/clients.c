/* N threads, a synchronous client each. */
#include "clients.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct worker {
    pthread_t thread;
    const struct options *options;
    const struct client_type *type;
    pthread_barrier_t *start;
    int index;
    long sent, failed;
    double began, ended;
    struct latencies latencies;
};

static void send_until_due(struct worker *worker, void *client)
{
    worker->began = now();
    double due = worker->began + worker->options->seconds;
    for (double before = worker->began; before < due;) {
        int refused = worker->type->send(client);
        double after = now();
        if (refused)
            worker->failed++;
        else
            latencies_add(&worker->latencies, after - before);
        worker->sent++;
        before = after;
    }
    worker->ended = now();
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    void *client = worker->type->connect(worker->options, worker->index);
    pthread_barrier_wait(worker->start);
    if (client)
        send_until_due(worker, client);
    else
        worker->failed++;
    /* All have stopped before the first one closes, so that closing is in nobody's latency. */
    pthread_barrier_wait(worker->start);
    if (client)
        worker->type->close(client);
    return NULL;
}

void run_clients(const struct options *options, const struct client_type *type, struct outcome *outcome)
{
    size_t count = (size_t)options->connections;
    struct worker *workers = calloc(count, sizeof *workers);
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        workers[i] = (struct worker){.options = options, .type = type, .start = &start, .index = (int)i};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
            fprintf(stderr, "cannot start thread %zu\n", i);
            exit(2);
        }
    }
    double began = 0, ended = 0;
    for (size_t i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        outcome->messages += workers[i].sent - (workers[i].sent ? workers[i].failed : 0);
        outcome->failed += workers[i].failed;
        if (workers[i].sent && (!began || workers[i].began < began))
            began = workers[i].began;
        if (workers[i].ended > ended)
            ended = workers[i].ended;
        latencies_merge(&outcome->latencies, &workers[i].latencies);
    }
    outcome->seconds = ended - began;
    free(workers);
}
