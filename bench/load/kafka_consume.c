/* The mode consume: all partitions from the beginning, without a group, until the asked number of messages has come.
   The clock starts with the first message, so that connecting and looking up offsets is not counted. */
#include "kafka_client.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH 4096
#define PATIENCE_MS 10000

static const char *const READER[] = {
    "group.id", "bench", "enable.auto.commit", "false", "auto.offset.reset", "earliest", NULL,
};

static rd_kafka_t *open_reader(const struct options *options)
{
    char complaint[512];
    rd_kafka_t *reader = rd_kafka_new(RD_KAFKA_CONSUMER, kafka_conf(options, READER), complaint, sizeof complaint);
    if (!reader) {
        fprintf(stderr, "%s\n", complaint);
        exit(2);
    }
    rd_kafka_poll_set_consumer(reader);
    rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(options->partitions);
    for (int i = 0; i < options->partitions; i++)
        rd_kafka_topic_partition_list_add(partitions, options->topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(reader, partitions);
    rd_kafka_topic_partition_list_destroy(partitions);
    return reader;
}

/* Counts the good messages of a batch and frees all of them. */
static long count_messages(rd_kafka_message_t **messages, ssize_t count, struct outcome *outcome)
{
    long good = 0;
    for (ssize_t i = 0; i < count; i++) {
        if (!messages[i]->err) {
            good++;
            outcome->size = messages[i]->len;
        } else if (messages[i]->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            fprintf(stderr, "consume failed: %s\n", rd_kafka_message_errstr(messages[i]));
            outcome->failed++;
        }
        rd_kafka_message_destroy(messages[i]);
    }
    return good;
}

void kafka_consume(const struct options *options, struct outcome *outcome)
{
    rd_kafka_t *reader = open_reader(options);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(reader);
    rd_kafka_message_t *messages[BATCH];
    long consumed = 0;
    double began = 0;
    while (consumed < options->messages) {
        /* librdkafka waits until the batch is full, so never ask for more than there is. */
        long left = options->messages - consumed, wanted = !began ? 1 : left < BATCH ? left : BATCH;
        ssize_t count = rd_kafka_consume_batch_queue(queue, PATIENCE_MS, messages, (size_t)wanted);
        if (count <= 0) {
            fprintf(stderr, "no more after %ld of %ld messages\n", consumed, options->messages);
            outcome->failed = options->messages - consumed;
            break;
        }
        if (!began)
            began = now();
        consumed += count_messages(messages, count, outcome);
        if (options->seconds > 0 && now() - began > options->seconds)
            break;
    }
    outcome->messages = consumed;
    outcome->seconds = now() - began;
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
}
