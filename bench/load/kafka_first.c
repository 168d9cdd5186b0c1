/* The mode first: wait for the port, then for one acknowledged message. Seconds count from options->since. */
#include "kafka_client.h"
#include "tcp.h"

#include <stdio.h>

#define PATIENCE_SECONDS 60.0

/* The client looks again every few milliseconds, so that its own patience is not what is measured. */
static const char *const EAGER[] = {
    "linger.ms", "0", "reconnect.backoff.ms", "2", "reconnect.backoff.max.ms", "10", "retry.backoff.ms", "10",
    "topic.metadata.refresh.fast.interval.ms", "10", NULL,
};

void kafka_first(const struct options *options, struct outcome *outcome)
{
    double began = options->since > 0 ? options->since : now();
    if (tcp_wait(options->host, options->port, began + PATIENCE_SECONDS)) {
        fprintf(stderr, "%s does not accept connections\n", options->address);
        outcome->failed = 1;
        return;
    }
    struct producer *producer = producer_open(options, EAGER);
    if (producer_send(producer, PATIENCE_SECONDS))
        outcome->failed = 1;
    else
        outcome->messages = 1;
    outcome->seconds = now() - began;
    producer_close(producer);
}
