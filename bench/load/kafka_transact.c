/* The mode transact: each client is a transactional producer of its own, which writes some messages to each partition in
   turn, commits, and begins again. One transaction counts as one message. */
#include "clients.h"
#include "kafka_client.h"

#include <stdio.h>
#include <stdlib.h>

#define MESSAGES 10
#define WAIT_MS 60000

static const char *const AT_ONCE[] = {"linger.ms", "0", NULL};

struct client {
    struct producer *producer;
    int partitions;
};

/* Prints and destroys an error; 0 when there was none. */
static int is_error(rd_kafka_error_t *error, const char *doing)
{
    if (!error)
        return 0;
    fprintf(stderr, "%s: %s\n", doing, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return 1;
}

static int transact(void *argument)
{
    struct client *client = argument;
    struct producer *producer = client->producer;
    rd_kafka_t *handle = producer->handle;
    long failed = producer->failed;
    if (is_error(rd_kafka_begin_transaction(handle), "begin"))
        return -1;
    for (int i = 0; i < MESSAGES; i++)
        if (rd_kafka_produce(producer->topic, i % client->partitions, RD_KAFKA_MSG_F_COPY, producer->value,
                             producer->size, NULL, 0, NULL))
            return -1;
    if (is_error(rd_kafka_commit_transaction(handle, WAIT_MS), "commit"))
        return -1;
    return producer->failed > failed ? -1 : 0;
}

static void close_client(void *argument)
{
    struct client *client = argument;
    producer_close(client->producer);
    free(client);
}

static void *connect_client(const struct options *options, int index)
{
    char name[64];
    snprintf(name, sizeof name, "bench-%d", index);
    const char *const settings[] = {AT_ONCE[0], AT_ONCE[1], "transactional.id", name, NULL};
    struct client *client = calloc(1, sizeof *client);
    client->producer = producer_open(options, settings);
    client->partitions = options->partitions;
    if (!is_error(rd_kafka_init_transactions(client->producer->handle, WAIT_MS), "init") && !transact(client))
        return client;
    close_client(client);
    return NULL;
}

void kafka_transact(const struct options *options, struct outcome *outcome)
{
    static const struct client_type type = {connect_client, transact, close_client};
    run_clients(options, &type, outcome);
}
