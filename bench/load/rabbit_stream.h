/* RabbitMQ's stream protocol, as much of it as a load generator needs.
   A frame is [length u32][command u16][version u16] and then, in requests and their answers, [correlation u32];
   everything is big-endian. Source: deps/rabbitmq_stream/docs/PROTOCOL.adoc of RabbitMQ. */
#ifndef CORDWOOD_BENCH_RABBIT_STREAM_H
#define CORDWOOD_BENCH_RABBIT_STREAM_H

#include <stddef.h>
#include <stdint.h>

enum { PUBLISH_CONFIRM = 3, PUBLISH_ERROR = 4, SUBSCRIBE = 7, DELIVER = 8, ANSWER = 0x8000 };
enum { CODE_OK = 1 };

/* A connection: logged in, opened on the virtual host "/". */
struct stream {
    int socket;
    uint32_t correlation;
    unsigned char *in; /* received bytes, from `start` up to `end` not yet taken */
    size_t start, end, capacity;
    unsigned char *out; /* the frame being written */
    size_t out_length;
};

/* A received frame: its body after the version, valid until the next one is read. */
struct frame {
    uint16_t command;
    const unsigned char *body;
    size_t length;
};

uint16_t get_u16(const unsigned char *bytes);
uint32_t get_u32(const unsigned char *bytes);

/* Connects as guest; NULL with a word on stderr when that fails. */
struct stream *stream_open(const char *host, int port);
void stream_close(struct stream *stream);

/* Makes a stream; one that exists already is as good. 0 when it is there. */
int stream_create(struct stream *stream, const char *name);

/* Announces that publisher `id` writes to the stream; 0 when accepted. */
int stream_declare_publisher(struct stream *stream, uint8_t id, const char *name);

/* Sends `count` equal messages in one frame. 0 when they are in the socket. */
int stream_publish(struct stream *stream, uint8_t id, const char *value, size_t size, uint32_t count);

/* Asks for a stream from its beginning, with so many chunks of credit. Chunks of other streams may be on the way, so
   the answer (SUBSCRIBE | ANSWER, the code 4 bytes in) is left to the reader of frames. */
int stream_subscribe(struct stream *stream, uint8_t id, const char *name, uint16_t credit);
int stream_credit(struct stream *stream, uint8_t id, uint16_t credit);

/* The next frame: 1 when there is one, 0 when none is there and `wait` is 0, -1 on an error or after 20 s. */
int stream_next(struct stream *stream, struct frame *frame, int wait);

#endif
