/* rabbit_load: the same work as kafka_load, for RabbitMQ Streams over their own protocol.
   The mode produce puts 100 messages in a frame, as RabbitMQ's Java client does by default; pipelined puts one. */
#include "clients.h"
#include "rabbit_stream.h"
#include "tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MESSAGES 100
#define WINDOW 10000 /* messages not yet confirmed, the Java client's default */
#define CREDIT_CHUNKS 10
#define PATIENCE_SECONDS 60.0

/* A connection that publishes; the messages confirmed and refused on it so far. */
struct publisher {
    struct stream *stream;
    char *value;
    size_t size;
    uint8_t id;
    long confirmed, failed;
};

static void stream_name(const struct options *options, int partition, char *name, size_t size)
{
    snprintf(name, size, "%s-%d", options->topic, partition);
}

static struct publisher *open_publisher(const struct options *options)
{
    struct publisher *publisher = calloc(1, sizeof *publisher);
    publisher->size = options->size;
    publisher->value = malloc(options->size);
    memset(publisher->value, 'x', options->size);
    publisher->stream = stream_open(options->host, options->port);
    for (int i = 0; publisher->stream && i < options->partitions; i++) {
        char name[256];
        stream_name(options, i, name, sizeof name);
        if (stream_create(publisher->stream, name) ||
            stream_declare_publisher(publisher->stream, (uint8_t)i, name)) {
            stream_close(publisher->stream);
            publisher->stream = NULL;
        }
    }
    if (publisher->stream)
        return publisher;
    free(publisher->value);
    free(publisher);
    return NULL;
}

static void close_publisher(void *client)
{
    struct publisher *publisher = client;
    stream_close(publisher->stream);
    free(publisher->value);
    free(publisher);
}

/* Counts the confirmations that came; waits for at least one frame when asked to. 0 unless the connection broke. */
static int take_confirmations(struct publisher *publisher, int wait)
{
    struct frame frame;
    int got;
    for (; (got = stream_next(publisher->stream, &frame, wait)) == 1; wait = 0) {
        if (frame.command == PUBLISH_CONFIRM)
            publisher->confirmed += get_u32(frame.body + 1);
        else if (frame.command == PUBLISH_ERROR)
            publisher->failed += get_u32(frame.body + 1);
    }
    return got;
}

static void produce(const struct options *options, struct outcome *outcome)
{
    struct publisher *publisher = open_publisher(options);
    if (!publisher) {
        fprintf(stderr, "rabbitmq: cannot open a publisher\n");
        exit(1);
    }
    uint32_t in_frame = options->mode == MODE_PIPELINED ? 1 : FRAME_MESSAGES;
    long sent = 0;
    int partition = 0, broken = 0;
    double began = now();
    while (!broken && (!options->messages || sent < options->messages) &&
           (options->seconds <= 0 || now() - began < options->seconds)) {
        broken = stream_publish(publisher->stream, (uint8_t)partition, publisher->value, publisher->size, in_frame);
        sent += in_frame;
        partition = partition + 1 == options->partitions ? 0 : partition + 1;
        int full = sent - publisher->confirmed - publisher->failed > WINDOW;
        broken = broken || take_confirmations(publisher, full) < 0;
    }
    while (!broken && publisher->confirmed + publisher->failed < sent)
        broken = take_confirmations(publisher, 1) < 0;
    outcome->seconds = now() - began;
    outcome->messages = publisher->confirmed;
    outcome->failed = sent - publisher->confirmed;
    close_publisher(publisher);
}

static int send_one(void *client)
{
    struct publisher *publisher = client;
    long wanted = publisher->confirmed + 1, failed = publisher->failed;
    if (stream_publish(publisher->stream, publisher->id, publisher->value, publisher->size, 1))
        return -1;
    while (publisher->confirmed < wanted && publisher->failed == failed)
        if (take_confirmations(publisher, 1) < 0)
            return -1;
    return publisher->confirmed < wanted ? -1 : 0;
}

static void *connect_client(const struct options *options, int index)
{
    struct publisher *publisher = open_publisher(options);
    if (!publisher)
        return NULL;
    publisher->id = (uint8_t)(index % options->partitions);
    return send_one(publisher) ? NULL : publisher;
}

/* Walks the messages of a delivered chunk, as a client must; returns how many there are. Behind the subscription id:
   [magic u8][type u8][entries u16][records u32][timestamp u64][epoch u64][first offset u64][crc u32][data length u32]
   [trailer length u32][reserved u32] and then for each entry [length u32][message]. */
static long count_messages(const struct frame *frame)
{
    const size_t header = 48;
    const unsigned char *chunk = frame->body + 1, *end = frame->body + frame->length;
    long entries = get_u16(chunk + 2), count = 0;
    for (const unsigned char *entry = chunk + header; count < entries && entry + 4 <= end; count++)
        entry += 4 + get_u32(entry);
    return count;
}

static void consume(const struct options *options, struct outcome *outcome)
{
    struct stream *stream = stream_open(options->host, options->port);
    double began = 0;
    int broken = !stream;
    for (int i = 0; !broken && i < options->partitions; i++) {
        char name[256];
        stream_name(options, i, name, sizeof name);
        broken = stream_subscribe(stream, (uint8_t)i, name, CREDIT_CHUNKS);
    }
    for (struct frame frame; !broken && outcome->messages < options->messages;) {
        broken = stream_next(stream, &frame, 1) != 1;
        if (!broken && frame.command == (SUBSCRIBE | ANSWER))
            broken = get_u16(frame.body + 4) != CODE_OK;
        if (broken || frame.command != DELIVER)
            continue;
        if (!began)
            began = now();
        outcome->messages += count_messages(&frame);
        broken = stream_credit(stream, frame.body[0], 1);
    }
    outcome->seconds = now() - began;
    outcome->failed = broken ? options->messages - outcome->messages : 0;
    if (stream)
        stream_close(stream);
}

/* The port answers before the virtual host is there, so try again until the first confirmation. */
static void first(const struct options *options, struct outcome *outcome)
{
    double began = options->since > 0 ? options->since : now(), deadline = began + PATIENCE_SECONDS;
    outcome->failed = 1;
    while (outcome->failed && now() < deadline && !tcp_wait(options->host, options->port, deadline)) {
        struct publisher *publisher = open_publisher(options);
        if (publisher) {
            outcome->failed = send_one(publisher) != 0;
            close_publisher(publisher);
        }
        usleep(outcome->failed ? 1000 : 0);
    }
    outcome->seconds = now() - began;
    outcome->messages = 1 - outcome->failed;
}

int main(int argc, char **argv)
{
    static const struct client_type type = {connect_client, send_one, close_publisher};
    struct options options;
    options_parse(&options, argc, argv);
    struct outcome outcome = {.size = options.size};
    switch (options.mode) {
    case MODE_PRODUCE:
    case MODE_PIPELINED: produce(&options, &outcome); break;
    case MODE_SYNC: run_clients(&options, &type, &outcome); break;
    case MODE_CONSUME: consume(&options, &outcome); break;
    case MODE_FIRST: first(&options, &outcome); break;
    case MODE_TRANSACT:
    case MODE_PIPELINE: fprintf(stderr, "there are no such transactions here\n"); return 2;
    }
    return outcome_print(&outcome);
}
