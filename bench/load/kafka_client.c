/* Making and closing librdkafka producers; one message and its acknowledgement. */
#include "kafka_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(rd_kafka_conf_t *conf, const char *key, const char *value)
{
    char complaint[512];
    if (rd_kafka_conf_set(conf, key, value, complaint, sizeof complaint) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "%s\n", complaint);
        exit(2);
    }
}

rd_kafka_conf_t *kafka_conf(const struct options *options, const char *const *settings)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", options->address);
    set(conf, "log_level", "3");
    for (; *settings; settings += 2)
        set(conf, settings[0], settings[1]);
    for (int i = 0; i < options->override_count; i++) {
        char *key = strdup(options->overrides[i]);
        char *value = strchr(key, '=');
        *value++ = '\0';
        set(conf, key, value);
        free(key);
    }
    return conf;
}

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    (void)handle;
    struct producer *producer = opaque;
    producer->delivered++;
    if (message->err) {
        if (!producer->failed)
            fprintf(stderr, "delivery failed: %s\n", rd_kafka_err2str(message->err));
        producer->failed++;
    }
}

struct producer *producer_open(const struct options *options, const char *const *settings)
{
    struct producer *producer = calloc(1, sizeof *producer);
    rd_kafka_conf_t *conf = kafka_conf(options, settings);
    set(conf, "acks", options->acks);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, producer);
    char complaint[512];
    producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, complaint, sizeof complaint);
    if (!producer->handle) {
        fprintf(stderr, "%s\n", complaint);
        exit(2);
    }
    producer->topic = rd_kafka_topic_new(producer->handle, options->topic, NULL);
    producer->size = options->size;
    producer->value = malloc(options->size);
    memset(producer->value, 'x', options->size);
    return producer;
}

void producer_close(struct producer *producer)
{
    rd_kafka_topic_destroy(producer->topic);
    rd_kafka_destroy(producer->handle);
    free(producer->value);
    free(producer);
}

int producer_send(struct producer *producer, double timeout_seconds)
{
    long wanted = producer->delivered + 1, failed = producer->failed;
    double deadline = now() + timeout_seconds;
    if (rd_kafka_produce(producer->topic, producer->partition, RD_KAFKA_MSG_F_COPY, producer->value, producer->size,
                         NULL, 0, NULL))
        return -1;
    while (producer->delivered < wanted && now() < deadline)
        rd_kafka_poll(producer->handle, 100);
    return producer->delivered < wanted || producer->failed > failed ? -1 : 0;
}
