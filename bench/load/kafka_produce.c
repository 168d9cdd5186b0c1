/* The modes produce (the client batches as it likes) and pipelined (one message in a request, many under way). */
#include "kafka_client.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_EVERY 256 /* messages between two looks at the clock and at the delivery reports */
#define DRAIN_SECONDS 60.0

static const char *const BATCHED[] = {NULL};
/* The short queue bounds the requests under way, so that a slow broker has answered them soon after the end. */
static const char *const ONE_BY_ONE[] = {
    "batch.num.messages", "1", "linger.ms", "0", "queue.buffering.max.messages", "2000", NULL,
};

/* Sends until the count or the clock says stop; returns how many were handed to librdkafka. */
static long send_all(const struct options *options, struct producer *producer, double began)
{
    long sent = 0;
    int partition = 0;
    while (!options->messages || sent < options->messages) {
        if (rd_kafka_produce(producer->topic, partition, RD_KAFKA_MSG_F_COPY, producer->value, producer->size, NULL,
                             0, NULL)) {
            rd_kafka_poll(producer->handle, 1); /* the local queue is full */
        } else {
            partition = partition + 1 == options->partitions ? 0 : partition + 1;
            if (++sent % LOOK_EVERY)
                continue;
            rd_kafka_poll(producer->handle, 0);
        }
        if (options->seconds > 0 && now() - began >= options->seconds)
            break;
    }
    return sent;
}

static void drain(struct producer *producer, long wanted)
{
    double deadline = now() + DRAIN_SECONDS;
    while (producer->delivered < wanted && now() < deadline)
        rd_kafka_poll(producer->handle, 10);
    if (producer->delivered < wanted)
        fprintf(stderr, "%ld messages were not acknowledged in %.0f s\n", wanted - producer->delivered,
                DRAIN_SECONDS);
}

void kafka_produce(const struct options *options, struct outcome *outcome)
{
    struct producer *producer = producer_open(options, options->mode == MODE_PIPELINED ? ONE_BY_ONE : BATCHED);
    for (producer->partition = 0; producer->partition < options->partitions; producer->partition++) {
        if (producer_send(producer, 20)) {
            fprintf(stderr, "no acknowledgement while warming up partition %d\n", producer->partition);
            exit(1);
        }
    }
    long before = producer->delivered;
    double began = now();
    long sent = send_all(options, producer, began);
    drain(producer, before + sent);
    outcome->seconds = now() - began;
    outcome->failed = producer->failed + (before + sent - producer->delivered);
    outcome->messages = sent - outcome->failed;
    producer_close(producer);
}
