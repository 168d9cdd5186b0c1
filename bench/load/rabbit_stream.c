/* RabbitMQ's stream protocol over one blocking socket. */
#include "rabbit_stream.h"

#include "tcp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DECLARE_PUBLISHER = 1, PUBLISH = 2, CREDIT = 9, CREATE = 13, PEER_PROPERTIES = 17,
    SASL_HANDSHAKE = 18, SASL_AUTHENTICATE = 19, TUNE = 20, OPEN = 21,
};
enum { CODE_STREAM_EXISTS = 5, OFFSET_FIRST = 1 };

#define OUT_BYTES (1 << 20) /* the frame size that RabbitMQ offers */
#define PATIENCE_MS 20000

uint16_t get_u16(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

uint32_t get_u32(const unsigned char *bytes)
{
    return (uint32_t)get_u16(bytes) << 16 | get_u16(bytes + 2);
}

static void put(struct stream *stream, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        stream->out[stream->out_length++] = (unsigned char)(value >> 8 * (bytes - 1 - i));
}

static void put_string(struct stream *stream, const char *text)
{
    size_t length = strlen(text);
    put(stream, length, 2);
    memcpy(stream->out + stream->out_length, text, length);
    stream->out_length += length;
}

static void begin(struct stream *stream, uint16_t command)
{
    stream->out_length = 4; /* the length comes last */
    put(stream, command, 2);
    put(stream, 1, 2);
}

static void begin_request(struct stream *stream, uint16_t command)
{
    begin(stream, command);
    put(stream, ++stream->correlation, 4);
}

static int finish(struct stream *stream)
{
    size_t length = stream->out_length;
    stream->out_length = 0;
    put(stream, length - 4, 4);
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(stream->socket, stream->out + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0)
            return -1;
        sent += (size_t)count;
    }
    return 0;
}

static int receive(struct stream *stream)
{
    if (stream->start) {
        memmove(stream->in, stream->in + stream->start, stream->end - stream->start);
        stream->end -= stream->start;
        stream->start = 0;
    }
    if (stream->capacity - stream->end < OUT_BYTES) {
        stream->capacity += 4 * OUT_BYTES;
        stream->in = realloc(stream->in, stream->capacity);
    }
    ssize_t count = recv(stream->socket, stream->in + stream->end, stream->capacity - stream->end, 0);
    if (count <= 0)
        return -1;
    stream->end += (size_t)count;
    return 1;
}

int stream_next(struct stream *stream, struct frame *frame, int wait)
{
    for (;;) {
        size_t held = stream->end - stream->start;
        const unsigned char *bytes = stream->in + stream->start;
        if (held >= 8 && held - 4 >= get_u32(bytes)) {
            *frame = (struct frame){get_u16(bytes + 4), bytes + 8, get_u32(bytes) - 4};
            stream->start += 4 + get_u32(bytes);
            return 1;
        }
        struct pollfd waiting = {.fd = stream->socket, .events = POLLIN};
        int ready = poll(&waiting, 1, wait ? PATIENCE_MS : 0);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return wait ? -1 : 0;
        if (receive(stream) < 0)
            return -1;
    }
}

/* Waits for the answer to the last request; its response code, or -1. Other frames on the way are dropped. */
static int answer(struct stream *stream, uint16_t command)
{
    struct frame frame;
    while (stream_next(stream, &frame, 1) == 1)
        if (frame.command == (ANSWER | command) && frame.length >= 6)
            return get_u16(frame.body + 4);
    return -1;
}

static int log_in(struct stream *stream)
{
    static const char credentials[] = "\0guest\0guest";
    struct frame tune;
    begin_request(stream, PEER_PROPERTIES);
    put(stream, 0, 4);
    if (finish(stream) || answer(stream, PEER_PROPERTIES) != CODE_OK)
        return -1;
    begin_request(stream, SASL_HANDSHAKE);
    if (finish(stream) || answer(stream, SASL_HANDSHAKE) != CODE_OK)
        return -1;
    begin_request(stream, SASL_AUTHENTICATE);
    put_string(stream, "PLAIN");
    put(stream, sizeof credentials - 1, 4);
    memcpy(stream->out + stream->out_length, credentials, sizeof credentials - 1);
    stream->out_length += sizeof credentials - 1;
    if (finish(stream) || answer(stream, SASL_AUTHENTICATE) != CODE_OK)
        return -1;
    if (stream_next(stream, &tune, 1) != 1 || tune.command != TUNE)
        return -1;
    begin(stream, ANSWER | TUNE);
    put(stream, OUT_BYTES, 4);
    put(stream, 0, 4); /* no heartbeats */
    if (finish(stream))
        return -1;
    begin_request(stream, OPEN);
    put_string(stream, "/");
    return finish(stream) || answer(stream, OPEN) != CODE_OK ? -1 : 0;
}

struct stream *stream_open(const char *host, int port)
{
    struct stream *stream = calloc(1, sizeof *stream);
    stream->out = malloc(OUT_BYTES);
    stream->socket = tcp_connect(host, port);
    if (stream->socket >= 0 && !log_in(stream))
        return stream;
    stream_close(stream);
    return NULL;
}

void stream_close(struct stream *stream)
{
    if (stream->socket >= 0)
        close(stream->socket);
    free(stream->in);
    free(stream->out);
    free(stream);
}

int stream_create(struct stream *stream, const char *name)
{
    begin_request(stream, CREATE);
    put_string(stream, name);
    put(stream, 0, 4); /* no arguments: kept without bound */
    if (finish(stream))
        return -1;
    int code = answer(stream, CREATE);
    return code == CODE_OK || code == CODE_STREAM_EXISTS ? 0 : -1;
}

int stream_declare_publisher(struct stream *stream, uint8_t id, const char *name)
{
    begin_request(stream, DECLARE_PUBLISHER);
    put(stream, id, 1);
    put_string(stream, "");
    put_string(stream, name);
    return finish(stream) || answer(stream, DECLARE_PUBLISHER) != CODE_OK ? -1 : 0;
}

int stream_publish(struct stream *stream, uint8_t id, const char *value, size_t size, uint32_t count)
{
    begin(stream, PUBLISH);
    put(stream, id, 1);
    put(stream, count, 4);
    for (uint32_t i = 0; i < count; i++) {
        put(stream, 0, 8); /* a publishing id counts only for publishers with a name */
        put(stream, size, 4);
        memcpy(stream->out + stream->out_length, value, size);
        stream->out_length += size;
    }
    return finish(stream);
}

int stream_subscribe(struct stream *stream, uint8_t id, const char *name, uint16_t credit)
{
    begin_request(stream, SUBSCRIBE);
    put(stream, id, 1);
    put_string(stream, name);
    put(stream, OFFSET_FIRST, 2);
    put(stream, credit, 2);
    put(stream, 0, 4); /* no properties */
    return finish(stream);
}

int stream_credit(struct stream *stream, uint8_t id, uint16_t credit)
{
    begin(stream, CREDIT);
    put(stream, id, 1);
    put(stream, credit, 2);
    return finish(stream);
}
