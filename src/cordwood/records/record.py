"""One record, and the bytes of many.

      +--------+------------+-----------------+--------------+------------+-----+--------------+-------+-------------+
      | length | attributes | timestamp delta | offset delta | key length | key | value length | value | headers ... |
      +--------+------------+-----------------+--------------+------------+-----+--------------+-------+-------------+
       varint   i8, unused   varlong           varint         varint             varint                 varint count, then
                                                              -1: null           -1: null               each: varint, key,
                                                                                                        varint or -1, value

Deltas count from the base offset and base timestamp of the batch; `length` counts everything after itself.

Lives here: records to bytes and back, uncompressed. Must not live here: the header around them, or codecs.
The loops handle numbers of one and two bytes in line and have no calls for what is common; bench/records.py measures them.

Source: Kafka's DefaultRecord (KIP-98, KIP-82).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct as Value

from cordwood.model.errors import InvalidBatch
from cordwood.records.uniform import read_run
from cordwood.records.varint import VARINT, VARLONG_SIZE_LIMIT, read_raw_varint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cordwood.records.batch import BatchHeader, Buffer

Headers: TypeAlias = tuple[tuple[str, bytes | None], ...]

_TWO_BYTE_LIMIT: Final = 1 << 14
_NOT_SHORT: Final = 0x81
"""Set in the first byte of a number that has more bytes or is negative."""
_ODD_OR_LONG: Final = ~(_TWO_BYTE_LIMIT - 2)
_NAMES_REMEMBERED: Final = 512
_NAME_LENGTH_REMEMBERED: Final = 64
_NULL: Final = 1
"""The length -1, zigzag still in it."""


# A msgspec struct is built in a third of the time of a NamedTuple (bench/records.py); gc=False because bytes and
# tuples of bytes cannot make a cycle.
class Record(Value, frozen=True, gc=False):
    """What a producer sent, with the offset that the log gave it.

    A value of None is a tombstone. Header names are text; bytes in them that are not UTF-8 are kept as surrogate
    escapes, so that every record comes out as it went in.
    """

    offset: int
    timestamp_ms: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()


def encode_record(
    offset_delta: int,
    timestamp_delta: int,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]] = (),
) -> bytes:
    """The bytes of one record, length included."""
    varint = VARINT
    body = b"".join(
        (
            b"\0",
            varint[timestamp_delta],
            varint[offset_delta],
            b"\1" if key is None else varint[len(key)] + key,
            b"\1" if value is None else varint[len(value)] + value,
            _encode_headers(headers) if headers else b"\0",
        )
    )
    return varint[len(body)] + body


def encode_records(records: Iterable[Record], base_timestamp: int) -> bytes:
    """The records end to end, with offset deltas 0, 1, 2 ...; their own offsets are not looked at."""
    varint = VARINT
    join = b"".join
    parts: list[bytes] = []
    add = parts.append
    for offset_delta, record in enumerate(records):
        key = record.key
        value = record.value
        headers = record.headers
        body = join(
            (
                b"\0",
                varint[record.timestamp_ms - base_timestamp],
                varint[offset_delta],
                b"\1" if key is None else varint[len(key)] + key,
                b"\1" if value is None else varint[len(value)] + value,
                _encode_headers(headers) if headers else b"\0",
            )
        )
        add(varint[len(body)])
        add(body)
    return join(parts)


def _encode_headers(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    varint = VARINT
    parts = [varint[len(headers)]]
    for name, value in headers:
        parts.append(_encode_short_name(name) if len(name) < _NAME_LENGTH_REMEMBERED else _encode_name(name))
        parts.append(b"\1" if value is None else varint[len(value)] + value)
    return b"".join(parts)


def _encode_name(name: str) -> bytes:
    encoded = name.encode("utf-8", "surrogateescape")
    return VARINT[len(encoded)] + encoded


# Producers use few header names and repeat them in each record. Long names are not remembered: they would fill memory.
_encode_short_name = lru_cache(_NAMES_REMEMBERED)(_encode_name)


@lru_cache(_NAMES_REMEMBERED)
def _decode_short_name(encoded: bytes) -> str:
    return encoded.decode("utf-8", "surrogateescape")


def decode_records(header: BatchHeader, payload: Buffer) -> list[Record]:
    """The records of a batch, from its uncompressed bytes after the header.

    Raises InvalidBatch when they are not exactly the records that the header promises.
    """
    data = payload if type(payload) is bytes else bytes(payload)
    count = header.record_count
    base_timestamp = header.base_timestamp
    records: list[Record] = []
    position = 0
    try:
        while run := read_run(data, position, count - len(records), base_timestamp):
            offsets = range(header.base_offset + run.offset_deltas.start, header.base_offset + run.offset_deltas.stop)
            records.extend(map(Record, offsets, run.timestamps, run.keys, run.values))
            position = run.end
        while True:
            position = _decode_common(data, position, count, header.base_offset, base_timestamp, records)
            if len(records) >= count:
                break
            record, position = _decode_record(data, position, header.base_offset, base_timestamp)
            records.append(record)
    except IndexError:
        raise InvalidBatch(f"its {count} records end early: only {len(data)} bytes are there") from None
    if position != len(data):
        raise InvalidBatch(f"{len(data) - position} bytes follow its {count} records")
    if records and not header.base_offset <= records[0].offset <= records[-1].offset <= header.last_offset:
        raise InvalidBatch(f"its records have the offsets {records[0].offset} to {records[-1].offset}")
    if header.is_log_append_time:
        now = header.max_timestamp
        return [Record(r.offset, now, r.key, r.value, r.headers) for r in records]
    return records


def _decode_common(  # noqa: C901 -- in one piece: a call for each number costs more than reading it
    data: bytes, position: int, count: int, base_offset: int, base_timestamp: int, records: list[Record]
) -> int:
    """Appends records as long as none has a number of three bytes or more; returns where it stopped.

    Raises nothing itself: whatever looks odd is left to `_decode_record`, which knows what is wrong or merely large.
    """
    new = Record
    add = records.append
    start = position
    try:
        for _ in range(count - len(records)):
            start = position
            length = data[position]
            position += 1
            if length > 0x7F:
                length = length & 0x7F | data[position] << 7
                position += 1
            end = position + (length >> 1)
            # The byte at `position` is the record's attributes, which no version of the format has used.
            time = data[position + 1]
            position += 2
            if time > 0x7F:
                time = time & 0x7F | data[position] << 7
                position += 1
            delta = data[position]
            position += 1
            if delta > 0x7F:
                delta = delta & 0x7F | data[position] << 7
                position += 1
            key = value = None
            key_size = data[position]
            position += 1
            if key_size > 0x7F:
                key_size = key_size & 0x7F | data[position] << 7
                position += 1
            if key_size == _NULL:
                key_size = 0
            else:
                key_end = position + (key_size >> 1)
                key = data[position:key_end]
                position = key_end
            value_size = data[position]
            position += 1
            if value_size > 0x7F:
                value_size = value_size & 0x7F | data[position] << 7
                position += 1
            if value_size == _NULL:
                value_size = 0
            else:
                value_end = position + (value_size >> 1)
                value = data[position:value_end]
                position = value_end
            # One test for all four: none is negative (odd, in zigzag), none has a third byte.
            if (length | delta | key_size | value_size) & _ODD_OR_LONG or time >= _TWO_BYTE_LIMIT:
                return start
            headers: Headers = ()
            if data[position]:
                headers, position = _decode_headers(data, position)
            else:
                position += 1
            if position != end:
                return start
            timestamp = base_timestamp + (time >> 1) if not time & 1 else base_timestamp - (time + 1 >> 1)
            add(new(base_offset + (delta >> 1), timestamp, key, value, headers))
    except IndexError:
        return start
    return position


def _decode_record(data: bytes, position: int, base_offset: int, base_timestamp: int) -> tuple[Record, int]:
    """Reads one record with care. Raises InvalidBatch, or IndexError where the data ends."""
    start = position
    length, position = _read_length(data, position)
    end = position + length
    if end > len(data):
        raise InvalidBatch(f"the record at byte {start} has {length} bytes where {len(data) - position} are left")
    raw, position = read_raw_varint(data, position + 1, VARLONG_SIZE_LIMIT)
    timestamp = base_timestamp + ((raw >> 1) ^ -(raw & 1))
    offset_delta, position = _read_length(data, position)
    key, position = _read_field(data, position)
    value, position = _read_field(data, position)
    headers, position = _decode_headers(data, position)
    if position != end:
        raise InvalidBatch(f"the record at byte {start} ends at byte {position}, not {end} as its length says")
    return Record(base_offset + offset_delta, timestamp, key, value, headers), position


def _decode_headers(data: bytes, position: int) -> tuple[Headers, int]:
    count, position = _read_length(data, position)
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(count):
        size = data[position]
        if size & _NOT_SHORT:
            size, position = _read_length(data, position)
            end = position + size
            name = data[position:end].decode("utf-8", "surrogateescape")
        else:
            end = position + 1 + (size >> 1)
            name = _decode_short_name(data[position + 1 : end])
        size = data[end]
        if size & _NOT_SHORT:
            value, position = _read_field(data, end)
        else:
            position = end + 1 + (size >> 1)
            value = data[end + 1 : position]
        headers.append((name, value))
    return tuple(headers), position


def _read_length(data: bytes, position: int) -> tuple[int, int]:
    """A number that cannot be negative, and the position behind it."""
    raw = data[position]
    after = position + 1
    if raw > 0x7F:
        raw, after = read_raw_varint(data, position)
    if raw & 1:
        raise InvalidBatch(f"the number at byte {position} of its records is negative")
    return raw >> 1, after


def _read_field(data: bytes, position: int) -> tuple[bytes | None, int]:
    """A key or value, which may be null, and the position behind it."""
    if data[position] == _NULL:
        return None, position + 1
    size, position = _read_length(data, position)
    return data[position : position + size], position + size
