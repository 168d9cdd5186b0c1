/* librdkafka clients as the Kafka generator uses them. */
#ifndef CORDWOOD_BENCH_KAFKA_CLIENT_H
#define CORDWOOD_BENCH_KAFKA_CLIENT_H

#include "measure.h"
#include "options.h"

#include <librdkafka/rdkafka.h>

/* A producer and its topic, and the delivery reports counted so far. Polled by one thread only. */
struct producer {
    rd_kafka_t *handle;
    rd_kafka_topic_t *topic;
    char *value;
    size_t size;
    int partition; /* where send_one puts its messages */
    long delivered;
    long failed;
};

/* A configuration with the address, the settings given and the overrides; exits with 2 on a wrong one.
   `settings` are pairs of key and value, ended by NULL. */
rd_kafka_conf_t *kafka_conf(const struct options *options, const char *const *settings);

struct producer *producer_open(const struct options *options, const char *const *settings);
void producer_close(struct producer *producer);

/* Produces one message to the partition and waits for its delivery report; 0 when it was acknowledged. */
int producer_send(struct producer *producer, double timeout_seconds);

/* The modes, one file each. */
void kafka_produce(const struct options *options, struct outcome *outcome);
void kafka_sync(const struct options *options, struct outcome *outcome);
void kafka_consume(const struct options *options, struct outcome *outcome);
void kafka_first(const struct options *options, struct outcome *outcome);
void kafka_transact(const struct options *options, struct outcome *outcome);
void kafka_pipeline(const struct options *options, struct outcome *outcome);

#endif
