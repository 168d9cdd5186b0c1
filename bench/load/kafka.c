/* kafka_load: load for anything that speaks Kafka's protocol, by a client that is faster than the broker.
   Knows the modes only by name; each has a file of its own. */
#include "kafka_client.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    struct options options;
    options_parse(&options, argc, argv);
    struct outcome outcome = {.size = options.size};
    switch (options.mode) {
    case MODE_PRODUCE:
    case MODE_PIPELINED: kafka_produce(&options, &outcome); break;
    case MODE_SYNC: kafka_sync(&options, &outcome); break;
    case MODE_CONSUME: kafka_consume(&options, &outcome); break;
    case MODE_FIRST: kafka_first(&options, &outcome); break;
    case MODE_TRANSACT: kafka_transact(&options, &outcome); break;
    case MODE_PIPELINE: kafka_pipeline(&options, &outcome); break;
    }
    return outcome_print(&outcome);
}
