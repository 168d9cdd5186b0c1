/* redis_load: the same work as kafka_load, for Redis Streams: XADD to write, XRANGE to read, on hiredis.
   Redis has no batches: the modes produce and pipelined are both one XADD for each message, many under way at once. */
#include "clients.h"
#include "tcp.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 250    /* commands written at once */
#define WINDOW 2000  /* commands under way */
#define PAGE 1000    /* entries in one XRANGE */
#define PATIENCE_SECONDS 60.0

/* A connection and, for each stream, the XADD in Redis's own encoding. */
struct writer {
    redisContext *context;
    char **commands;
    size_t *lengths;
    int streams, next;
};

static redisContext *connect_redis(const struct options *options)
{
    redisContext *context = redisConnect(options->host, options->port);
    if (!context || context->err) {
        fprintf(stderr, "redis: %s\n", context ? context->errstr : "no memory");
        exit(1);
    }
    return context;
}

static struct writer *open_writer(const struct options *options)
{
    struct writer *writer = calloc(1, sizeof *writer);
    writer->context = connect_redis(options);
    writer->streams = options->partitions;
    writer->commands = calloc((size_t)options->partitions, sizeof *writer->commands);
    writer->lengths = calloc((size_t)options->partitions, sizeof *writer->lengths);
    char *value = malloc(options->size);
    memset(value, 'x', options->size);
    for (int i = 0; i < options->partitions; i++) {
        char key[256];
        int key_length = snprintf(key, sizeof key, "%s-%d", options->topic, i);
        const char *words[] = {"XADD", key, "*", "v", value};
        size_t lengths[] = {4, (size_t)key_length, 1, 1, options->size};
        writer->lengths[i] = (size_t)redisFormatCommandArgv(&writer->commands[i], 5, words, lengths);
    }
    free(value);
    return writer;
}

static void close_writer(void *client)
{
    struct writer *writer = client;
    redisFree(writer->context);
    for (int i = 0; i < writer->streams; i++)
        redisFreeCommand(writer->commands[i]);
    free(writer->commands);
    free(writer->lengths);
    free(writer);
}

static void append(struct writer *writer)
{
    redisAppendFormattedCommand(writer->context, writer->commands[writer->next], writer->lengths[writer->next]);
    writer->next = writer->next + 1 == writer->streams ? 0 : writer->next + 1;
}

/* Takes one answer; 0 when the entry was added. */
static int take_answer(struct writer *writer)
{
    redisReply *reply = NULL;
    if (redisGetReply(writer->context, (void **)&reply) != REDIS_OK) {
        fprintf(stderr, "redis: %s\n", writer->context->errstr);
        return -1;
    }
    int refused = reply->type == REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    return refused ? -1 : 0;
}

static void produce(const struct options *options, struct outcome *outcome)
{
    struct writer *writer = open_writer(options);
    long sent = 0, answered = 0;
    double began = now();
    while ((!options->messages || sent < options->messages) &&
           (options->seconds <= 0 || now() - began < options->seconds)) {
        for (int i = 0; i < CHUNK && (!options->messages || sent < options->messages); i++, sent++)
            append(writer);
        for (; sent - answered > WINDOW - CHUNK; answered++)
            outcome->failed += take_answer(writer) != 0;
    }
    for (; answered < sent; answered++)
        outcome->failed += take_answer(writer) != 0;
    outcome->seconds = now() - began;
    outcome->messages = sent - outcome->failed;
    close_writer(writer);
}

static int send_one(void *client)
{
    append(client);
    return take_answer(client);
}

static void *connect_client(const struct options *options, int index)
{
    struct writer *writer = open_writer(options);
    writer->next = index % options->partitions;
    return send_one(writer) ? NULL : writer;
}

/* Reads one page after `last` and moves `last` on; returns the number of entries, -1 on an error. */
static long read_page(redisContext *context, const char *key, char *last, size_t last_size)
{
    redisReply *reply = redisCommand(context, "XRANGE %s (%s + COUNT %d", key, last, PAGE);
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        fprintf(stderr, "redis: %s\n", reply ? reply->str : context->errstr);
        return -1;
    }
    long count = (long)reply->elements;
    if (count)
        snprintf(last, last_size, "%s", reply->element[count - 1]->element[0]->str);
    freeReplyObject(reply);
    return count;
}

static void consume(const struct options *options, struct outcome *outcome)
{
    redisContext *context = connect_redis(options);
    double began = now();
    for (int i = 0; i < options->partitions; i++) {
        char key[256], last[64] = "0-0";
        snprintf(key, sizeof key, "%s-%d", options->topic, i);
        for (long count = 1; count > 0;) {
            count = read_page(context, key, last, sizeof last);
            outcome->messages += count > 0 ? count : 0;
        }
    }
    outcome->seconds = now() - began;
    outcome->failed = outcome->messages < options->messages ? options->messages - outcome->messages : 0;
    redisFree(context);
}

/* A Redis that still loads its file answers with an error, so ask again until the entry is added. */
static void first(const struct options *options, struct outcome *outcome)
{
    double began = options->since > 0 ? options->since : now(), deadline = began + PATIENCE_SECONDS;
    outcome->failed = 1;
    if (tcp_wait(options->host, options->port, deadline))
        return;
    struct writer *writer = open_writer(options);
    for (; outcome->failed && now() < deadline; usleep(outcome->failed ? 1000 : 0))
        outcome->failed = send_one(writer) != 0;
    outcome->seconds = now() - began;
    outcome->messages = 1 - outcome->failed;
    close_writer(writer);
}

int main(int argc, char **argv)
{
    static const struct client_type type = {connect_client, send_one, close_writer};
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
