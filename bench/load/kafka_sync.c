/* The mode sync: each client waits for its acknowledgement before it sends again. */
#include "clients.h"
#include "kafka_client.h"

#include <stdio.h>

#define ACK_SECONDS 20.0

static const char *const AT_ONCE[] = {"linger.ms", "0", NULL};

static void *connect_client(const struct options *options, int index)
{
    struct producer *producer = producer_open(options, AT_ONCE);
    producer->partition = index % options->partitions;
    if (!producer_send(producer, ACK_SECONDS))
        return producer;
    fprintf(stderr, "client %d: no acknowledgement while warming up\n", index);
    producer_close(producer);
    return NULL;
}

static int send_one(void *client)
{
    return producer_send(client, ACK_SECONDS);
}

static void close_client(void *client)
{
    producer_close(client);
}

void kafka_sync(const struct options *options, struct outcome *outcome)
{
    static const struct client_type type = {connect_client, send_one, close_client};
    run_clients(options, &type, outcome);
}
