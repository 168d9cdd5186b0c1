"""The records of a batch by columns: what compaction asks of them, and where each begins, without making one.

      ... [ length | attributes | time delta | offset delta | key length | key | value length | value | headers ] ...
          ^ starts[i]             times[i]     deltas[i]                   keys[i]  -1: a tombstone         starts[i+1] ^

A record that stays is copied as it is, since its deltas count from what the batch keeps: its base offset and base
timestamp. So nothing is decoded but keys and deltas. Records of one shape, which follow each other at one distance, are
read by slices with that stride, the others one by one (bench/compaction.py measures both).

The records come in pieces of some thousand, so that whoever holds the interpreter can let go of it in between.

Lives here: reading. Must not live here: what stays, and what is written.
"""

from __future__ import annotations

import struct
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.compaction.offset_map import EXACT_KEY_BYTES, known_as
from cordwood.model.errors import InvalidBatch
from cordwood.records.varint import VARLONG_SIZE_LIMIT, read_raw_varint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cordwood.records.batch import BatchHeader

PIECE_RECORDS: Final = 1024
"""So many records are read one by one in half a millisecond."""
UNIFORM_RECORDS: Final = 4096
"""So many records of one shape are read in half a millisecond."""
UNIFORM_RECORDS_MIN: Final = 16
"""A shorter run is not worth the slices."""

_NULL: Final = 1
_TWO_BYTE_LIMIT: Final = 1 << 14

# The offset deltas 0, 1, 2 ... as they are written: in one byte below 64, in two bytes below 8192.
_ONE_BYTE: Final = bytes(range(0, 0x80, 2))
_LOW_OF_TWO: Final = bytes(delta & 0x7F | 0x80 for delta in range(0, _TWO_BYTE_LIMIT, 2))
_HIGH_OF_TWO: Final = bytes(delta >> 7 for delta in range(0, _TWO_BYTE_LIMIT, 2))


assert _NULL < 2 * EXACT_KEY_BYTES < 0x80, "a key whose size takes one byte is known as it is"


class Columns(NamedTuple):
    """Some records that follow each other in a batch, without its compression."""

    keys: Sequence[bytes | None]
    """As the offset map knows them (`known_as`)."""
    deltas: Sequence[int]
    """Their offsets, counted from the base offset."""
    starts: Sequence[int]
    """Where each record begins, and behind them where the last one ends."""
    times: Sequence[int]
    """Their timestamps, counted from the base timestamp, zigzag still in them: see `latest_delta`."""
    tombstones: Sequence[int]
    """Which of them, counted from 0, have no value."""
    keyless: bool
    """Whether a key is missing."""

    def offsets(self, base_offset: int) -> Sequence[int]:
        """Their offsets in a batch that begins at `base_offset`."""
        deltas = self.deltas
        if isinstance(deltas, range):
            return range(base_offset + deltas.start, base_offset + deltas.stop)
        return [base_offset + delta for delta in deltas]


def columns(data: bytes, header: BatchHeader) -> Iterator[Columns]:
    """The records of a batch, which fill the uncompressed data. Raises InvalidBatch when they do not."""
    position = 0
    count = header.record_count
    left = count
    while left:
        try:
            piece = _uniform(data, position, min(left, UNIFORM_RECORDS)) or _one_by_one(
                data, position, min(left, PIECE_RECORDS)
            )
        except IndexError:
            raise InvalidBatch(f"its {count} records end early: only {len(data)} bytes are there") from None
        latest = piece.deltas[-1] if isinstance(piece.deltas, range) else max(piece.deltas)
        if latest > header.last_offset_delta:
            raise InvalidBatch(
                f"a record has the offset delta {latest}, and the last one is {header.last_offset_delta}"
            )
        yield piece
        position = piece.starts[-1]
        left -= len(piece.deltas)
    if position != len(data):
        raise InvalidBatch(f"{len(data) - position} bytes follow its {count} records")


def latest_delta(times: Sequence[int]) -> int:
    """The largest of some timestamps' deltas."""
    not_negative = [time for time in times if not time & 1]
    return max(not_negative) >> 1 if not_negative else -(min(times) + 1 >> 1)


# Records of one shape.


class _Shape(NamedTuple):
    """Where the numbers of a record begin, counted from its own beginning."""

    time: int
    delta: int
    key_size: int
    key: int
    value_size: int
    total: int


def _shape_at(data: bytes, position: int) -> _Shape | None:
    """The shape of the record at `position`, or None when a number of it is longer than is read by columns."""
    length, start = _short_number(data, position)
    _, key_size = _short_number(data, start + 2)
    size, key = _short_number(data, key_size)
    if min(length, size) < -1 or length < 0 or data[start + 1] > 0x7F:
        return None
    end = start + length
    value_size = key + max(size, 0)
    if value_size >= end or end > len(data):
        return None
    return _Shape(*(at - position for at in (start + 1, start + 2, key_size, key, value_size, end)))


def _short_number(data: bytes, position: int) -> tuple[int, int]:
    """A number of one or two bytes that is not below -1, and the position behind it; any other gives -2."""
    raw = data[position]
    after = position + 1
    if raw > 0x7F:
        raw = raw & 0x7F | data[after] << 7
        after += 1
    if raw & 1 or raw >= _TWO_BYTE_LIMIT:
        return -1 if raw == _NULL else -2, after
    return raw >> 1, after


def _uniform(data: bytes, position: int, count: int) -> Columns | None:
    """The run of records of one shape that begins at `position`, or None when there is none that is worth it."""
    if count < UNIFORM_RECORDS_MIN:
        return None
    shape = _shape_at(data, position)
    if shape is None:
        return None
    total = shape.total
    count = min(count, (len(data) - position) // total)
    # Where the length of a record is that of the first, the next one begins at the same distance, and so on.
    for at in (*range(shape.time - 1), *range(shape.key_size, shape.key)):
        count = _same(data[position + at : position + count * total : total])
    if count < UNIFORM_RECORDS_MIN:
        return None
    end = position + count * total
    times = data[position + shape.time : end : total]
    deltas = _deltas(data, position, end, shape)
    if deltas is None or max(times) > 0x7F:
        return None
    nulls = data[position + shape.value_size : end : total]
    tombstones = [index for index, size in enumerate(nulls) if size == _NULL] if _NULL in nulls else []
    starts = range(position, end + total, total)
    keyless = data[position + shape.key_size] == _NULL
    keys: Sequence[bytes | None] = [None] * count if keyless else _keys(data, position, end, shape)
    return Columns(keys, deltas, starts[: count + 1], times, tombstones, keyless)


def _same(column: bytes) -> int:
    """How many bytes at the beginning are the same."""
    return len(column) - len(column.lstrip(column[:1]))


def _deltas(data: bytes, position: int, end: int, shape: _Shape) -> Sequence[int] | None:
    """The offset deltas of a run; None when they do not have as many bytes each as the first one has."""
    low = data[position + shape.delta : end : shape.total]
    first = low[0] >> 1
    if shape.key_size - shape.delta == 1:
        if low == _ONE_BYTE[first : first + len(low)]:
            return range(first, first + len(low))
        return None if max(low) > 0x7F else [delta >> 1 for delta in low]
    high = data[position + shape.delta + 1 : end : shape.total]
    first = (low[0] & 0x7F | high[0] << 7) >> 1
    last = first + len(low)
    if low == _LOW_OF_TWO[first:last] and high == _HIGH_OF_TWO[first:last]:
        return range(first, last)
    if min(low) <= 0x7F or max(high) > 0x7F:
        return None
    return [(one & 0x7F | other << 7) >> 1 for one, other in zip(low, high, strict=True)]


def _keys(data: bytes, position: int, end: int, shape: _Shape) -> list[bytes]:
    size = shape.value_size - shape.key
    row = f"{shape.key}x{size}s{shape.total - shape.value_size}x"
    keys = list(chain.from_iterable(struct.iter_unpack(row, memoryview(data)[position:end])))
    return keys if size <= EXACT_KEY_BYTES else list(map(known_as, keys))


# Records of any shape.


def _one_by_one(data: bytes, position: int, count: int) -> Columns:
    keys: list[bytes | None] = []
    deltas: list[int] = []
    starts = [position]
    times: list[int] = []
    tombstones: list[int] = []
    end = position
    for index in range(count):
        # What is common stands here in line; a number of three bytes or more, or a wrong one, is left to `_careful`.
        length = data[position]
        position += 1
        if length > 0x7F:
            length = length & 0x7F | data[position] << 7
            position += 1
        end = position + (length >> 1)
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
        key_size = data[position]
        position += 1
        if length | time | delta | key_size << 7 >= _TWO_BYTE_LIMIT or (length | delta | key_size) & 1:
            time, delta, key, position, end = _careful(data, starts[-1])
        else:
            # A size of one byte: the key is short enough to be known as it is.
            key = data[position : position + (key_size >> 1)]
            position += key_size >> 1
        if position >= end or end > len(data):
            raise InvalidBatch(f"the record at byte {starts[-1]} is longer than it says, or than the batch")
        if data[position] == _NULL:
            tombstones.append(index)
        keys.append(key)
        deltas.append(delta >> 1)
        times.append(time)
        starts.append(end)
        position = end
    return Columns(keys, deltas, starts, times, tombstones, keyless=None in keys)


def _careful(data: bytes, start: int) -> tuple[int, int, bytes | None, int, int]:
    """The record at `start`: its time and offset deltas (raw), its key, where its value's length is, where it ends."""
    length, position = read_raw_varint(data, start)
    end = position + (length >> 1)
    time, position = read_raw_varint(data, position + 1, VARLONG_SIZE_LIMIT)
    delta, position = read_raw_varint(data, position)
    key_size, position = read_raw_varint(data, position)
    if (length | delta) & 1 or (key_size & 1 and key_size != _NULL):
        raise InvalidBatch(f"a number in the record at byte {start} is negative")
    if key_size == _NULL:
        return time, delta, None, position, end
    key_end = position + (key_size >> 1)
    return time, delta, known_as(data[position:key_end]), key_end, end
