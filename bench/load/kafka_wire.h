/* Bytes of Kafka's protocol: writing requests, reading responses. Knows no API. */
#ifndef CORDWOOD_BENCH_KAFKA_WIRE_H
#define CORDWOOD_BENCH_KAFKA_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* A request that is being written; grows as needed and is used again for the next one. */
struct writer {
    unsigned char *bytes;
    size_t length, capacity;
    int flexible; /* compact lengths, and a tagged section behind each structure */
};

/* Begins a frame with its header. */
void wire_begin(struct writer *writer, int api, int version, int flexible);

/* Writes the length in front, when all is there. */
void wire_finish(struct writer *writer);

void put_i8(struct writer *writer, int value);
void put_i16(struct writer *writer, int value);
void put_i32(struct writer *writer, int64_t value);
void put_i64(struct writer *writer, int64_t value);
void put_raw(struct writer *writer, const void *bytes, size_t length);

/* NULL is null. */
void put_text(struct writer *writer, const char *text);
void put_bytes(struct writer *writer, const void *bytes, size_t length);

/* A count of -1 is null. */
void put_count(struct writer *writer, int count);

/* Behind a structure: no tagged fields. Nothing where the version is not flexible. */
void put_tags(struct writer *writer);

/* A response that is being read. Reading beyond its end gives zeros and sets `broken`. */
struct reader {
    const unsigned char *bytes, *end;
    int flexible;
    int broken;
};

int64_t get_int(struct reader *reader, size_t bytes);
int get_count(struct reader *reader);

/* Text or bytes: where they are, and how long; NULL and 0 for null. */
const unsigned char *get_text(struct reader *reader, size_t *length);
const unsigned char *get_bytes(struct reader *reader, size_t *length);
const unsigned char *get_raw(struct reader *reader, size_t length);
void get_tags(struct reader *reader);

#endif
