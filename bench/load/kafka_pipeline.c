/* The mode pipeline: a message goes into TOPIC, is taken from there and written to TOPIC-out in a transaction, with the
   offset of what was taken, and is read from TOPIC-out by a reader of committed messages; then the next one goes in.
   The latency is all of that way. */
#include "kafka_client.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 60000
#define POLL_MS 100
#define ARRIVE_SECONDS 60.0
#define WARM_UP_MESSAGES 20

struct pipeline {
    const struct options *options;
    char out[256];
    atomic_int stopping;
    atomic_int failed;
};

static void check(rd_kafka_error_t *error, const char *doing)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", doing, rd_kafka_error_string(error));
    exit(1);
}

static rd_kafka_t *open_consumer(const struct options *options, const char *topic, const char *group)
{
    const char *const settings[] = {
        "group.id", group, "enable.auto.commit", "false", "isolation.level", "read_committed", "fetch.wait.max.ms", "100", NULL,
    };
    char complaint[512];
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_CONSUMER, kafka_conf(options, settings), complaint, sizeof complaint);
    if (!handle) {
        fprintf(stderr, "%s\n", complaint);
        exit(2);
    }
    rd_kafka_poll_set_consumer(handle);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    /* Not where the group stopped: librdkafka 2.0 asks for that once, and never again if its coordinator only begins. */
    rd_kafka_topic_partition_list_add(topics, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(handle, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return handle;
}

static void pass_on(rd_kafka_t *consumer, rd_kafka_t *producer, const char *out, const rd_kafka_message_t *message)
{
    check(rd_kafka_begin_transaction(producer), "begin");
    if (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(out), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_VALUE(message->payload, message->len),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END)) {
        fprintf(stderr, "the transactional producer takes nothing\n");
        exit(1);
    }
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
    const char *topic = rd_kafka_topic_name(message->rkt);
    rd_kafka_topic_partition_list_add(offsets, topic, message->partition)->offset = message->offset + 1;
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer);
    check(rd_kafka_send_offsets_to_transaction(producer, offsets, group, WAIT_MS), "send offsets");
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(offsets);
    check(rd_kafka_commit_transaction(producer, WAIT_MS), "commit");
}

static void *transform(void *argument)
{
    struct pipeline *pipeline = argument;
    const char *const settings[] = {"transactional.id", "bench-pipeline", "linger.ms", "0", NULL};
    char complaint[512];
    rd_kafka_t *producer =
        rd_kafka_new(RD_KAFKA_PRODUCER, kafka_conf(pipeline->options, settings), complaint, sizeof complaint);
    if (!producer) {
        fprintf(stderr, "%s\n", complaint);
        exit(2);
    }
    check(rd_kafka_init_transactions(producer, WAIT_MS), "init");
    rd_kafka_t *consumer = open_consumer(pipeline->options, pipeline->options->topic, "bench-pipeline");
    while (!atomic_load(&pipeline->stopping)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, POLL_MS);
        if (!message)
            continue;
        if (!message->err)
            pass_on(consumer, producer, pipeline->out, message);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
    return NULL;
}

/* Waits for the next message; 0 when it came. */
static int arrives(rd_kafka_t *reader)
{
    for (double deadline = now() + ARRIVE_SECONDS; now() < deadline;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, POLL_MS);
        int came = message && !message->err;
        if (message)
            rd_kafka_message_destroy(message);
        if (came)
            return 0;
    }
    fprintf(stderr, "a message did not arrive in %.0f s\n", ARRIVE_SECONDS);
    return -1;
}

void kafka_pipeline(const struct options *options, struct outcome *outcome)
{
    static const char *const AT_ONCE[] = {"linger.ms", "0", NULL};
    struct pipeline pipeline = {.options = options};
    snprintf(pipeline.out, sizeof pipeline.out, "%s-out", options->topic);
    struct producer *source = producer_open(options, AT_ONCE);
    rd_kafka_t *reader = open_consumer(options, pipeline.out, "bench-reader");
    pthread_t thread;
    if (pthread_create(&thread, NULL, transform, &pipeline)) {
        fprintf(stderr, "cannot start a thread\n");
        exit(2);
    }
    double began = 0, due = 0;
    for (long sent = 0; !due || now() < due; sent++) {
        if (sent == WARM_UP_MESSAGES) {
            began = now();
            due = began + options->seconds;
        }
        double before = now();
        if (producer_send(source, ARRIVE_SECONDS) || arrives(reader)) {
            outcome->failed++;
            break;
        }
        if (began) {
            latencies_add(&outcome->latencies, now() - before);
            outcome->messages++;
        }
    }
    outcome->seconds = began ? now() - began : 0;
    atomic_store(&pipeline.stopping, 1);
    pthread_join(thread, NULL);
    rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
    producer_close(source);
}
