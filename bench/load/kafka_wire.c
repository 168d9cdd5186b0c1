/* Bytes of Kafka's protocol. */
#include "kafka_wire.h"

#include <stdlib.h>
#include <string.h>

static const char CLIENT_ID[] = "bench";

static unsigned char *room(struct writer *writer, size_t length)
{
    if (writer->length + length > writer->capacity) {
        writer->capacity = 2 * (writer->length + length) + 256;
        writer->bytes = realloc(writer->bytes, writer->capacity);
        if (!writer->bytes)
            abort();
    }
    writer->length += length;
    return writer->bytes + writer->length - length;
}

static void put_int(struct writer *writer, uint64_t value, size_t bytes)
{
    unsigned char *place = room(writer, bytes);
    for (size_t i = 0; i < bytes; i++)
        place[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
}

static void put_varint(struct writer *writer, uint32_t value)
{
    for (; value >= 0x80; value >>= 7)
        *room(writer, 1) = (unsigned char)(value | 0x80);
    *room(writer, 1) = (unsigned char)value;
}

void put_i8(struct writer *writer, int value) { put_int(writer, (uint64_t)value, 1); }
void put_i16(struct writer *writer, int value) { put_int(writer, (uint64_t)value, 2); }
void put_i32(struct writer *writer, int64_t value) { put_int(writer, (uint64_t)value, 4); }
void put_i64(struct writer *writer, int64_t value) { put_int(writer, (uint64_t)value, 8); }

void put_raw(struct writer *writer, const void *bytes, size_t length)
{
    memcpy(room(writer, length), bytes, length);
}

void put_text(struct writer *writer, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (writer->flexible)
        put_varint(writer, text ? (uint32_t)length + 1 : 0);
    else
        put_i16(writer, text ? (int)length : -1);
    if (text)
        put_raw(writer, text, length);
}

void put_bytes(struct writer *writer, const void *bytes, size_t length)
{
    if (writer->flexible)
        put_varint(writer, (uint32_t)length + 1);
    else
        put_i32(writer, (int64_t)length);
    put_raw(writer, bytes, length);
}

void put_count(struct writer *writer, int count)
{
    if (writer->flexible)
        put_varint(writer, (uint32_t)(count + 1));
    else
        put_i32(writer, count);
}

void put_tags(struct writer *writer)
{
    if (writer->flexible)
        put_varint(writer, 0);
}

void wire_begin(struct writer *writer, int api, int version, int flexible)
{
    writer->length = 0;
    writer->flexible = flexible;
    put_i32(writer, 0); /* the length comes last */
    put_i16(writer, api);
    put_i16(writer, version);
    put_i32(writer, 0); /* one request at a time: its answer is the next frame */
    put_i16(writer, (int)strlen(CLIENT_ID));
    put_raw(writer, CLIENT_ID, strlen(CLIENT_ID));
    put_tags(writer);
}

void wire_finish(struct writer *writer)
{
    size_t length = writer->length;
    writer->length = 0;
    put_i32(writer, (int64_t)length - 4);
    writer->length = length;
}

const unsigned char *get_raw(struct reader *reader, size_t length)
{
    if ((size_t)(reader->end - reader->bytes) < length) {
        reader->broken = 1;
        return NULL;
    }
    reader->bytes += length;
    return reader->bytes - length;
}

int64_t get_int(struct reader *reader, size_t bytes)
{
    const unsigned char *place = get_raw(reader, bytes);
    if (!place)
        return 0;
    uint64_t value = place[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | place[i];
    return (int64_t)value;
}

static uint32_t get_varint(struct reader *reader)
{
    uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        const unsigned char *place = get_raw(reader, 1);
        if (!place)
            return 0;
        value |= (uint32_t)(*place & 0x7f) << shift;
        if (!(*place & 0x80))
            return value;
    }
    reader->broken = 1;
    return 0;
}

int get_count(struct reader *reader)
{
    int64_t count = reader->flexible ? (int64_t)get_varint(reader) - 1 : get_int(reader, 4);
    if (count > reader->end - reader->bytes)
        reader->broken = 1;
    return reader->broken ? 0 : (int)count;
}

static const unsigned char *get_sized(struct reader *reader, size_t *length, size_t size_of_length)
{
    int64_t size = reader->flexible ? (int64_t)get_varint(reader) - 1 : get_int(reader, size_of_length);
    const unsigned char *place = size > 0 ? get_raw(reader, (size_t)size) : NULL;
    *length = place ? (size_t)size : 0;
    return place;
}

const unsigned char *get_text(struct reader *reader, size_t *length)
{
    return get_sized(reader, length, 2);
}

const unsigned char *get_bytes(struct reader *reader, size_t *length)
{
    return get_sized(reader, length, 4);
}

void get_tags(struct reader *reader)
{
    if (!reader->flexible)
        return;
    for (uint32_t count = get_varint(reader); count && !reader->broken; count--) {
        get_varint(reader);
        get_raw(reader, get_varint(reader));
    }
}
