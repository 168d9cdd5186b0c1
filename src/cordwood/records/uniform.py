"""Records of one shape, read by columns instead of one by one.

Records that follow each other with keys of one length, values of one length, no headers and small timestamp deltas
differ only in what they carry and in their offset deltas. Each of their numbers then stands in a column, one record's
size apart, and slices with that stride compare a whole column in C: several times faster than reading the records one
after the other (bench/records.py). Measurements, counters and rows of fixed width come in this shape.

Lives here: recognizing such a run and reading it. Must not live here: any error; what is not such a run is left to
`record`, which finds out what is wrong with it, if anything is.
"""

from __future__ import annotations

import struct
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

RUN_LENGTH_MIN: Final = 16
"""A shorter run is not worth the comparisons."""

_NULL: Final = 1
_ONE_BYTE_DELTAS: Final = 64
_TWO_BYTE_DELTAS: Final = 8192

# The offset deltas 0, 1, 2 ... as they are written: in one byte below 64, in two bytes below 8192.
_ONE_BYTE: Final = bytes(2 * delta for delta in range(_ONE_BYTE_DELTAS))
_FIRST_OF_TWO: Final = bytes(2 * delta & 0x7F | 0x80 for delta in range(_TWO_BYTE_DELTAS))
_SECOND_OF_TWO: Final = bytes(2 * delta >> 7 for delta in range(_TWO_BYTE_DELTAS))


class Run(NamedTuple):
    """A run of records as columns; none has headers, and their offset deltas follow each other."""

    end: int
    """The position behind the last record."""
    offset_deltas: range
    timestamps: Iterable[int]
    keys: Iterable[bytes | None]
    values: Iterable[bytes | None]


class _Shape(NamedTuple):
    """Where the parts of a record begin, counted from its own beginning; the size of a null is -1."""

    attributes: int
    delta: int
    key_number: int
    key: int
    key_size: int
    value_number: int
    value: int
    value_size: int
    headers: int

    @property
    def time(self) -> int:
        return self.attributes + 1

    @property
    def total(self) -> int:
        return self.headers + 1

    @property
    def constants(self) -> tuple[int, ...]:
        """The bytes that are the same in each record of this shape: its lengths, and the number of its headers."""
        lengths = (*range(self.attributes), *range(self.key_number, self.key), *range(self.value_number, self.value))
        return (*lengths, self.headers)


def read_run(data: bytes, position: int, count: int, base_timestamp: int) -> Run | None:
    """The run that begins at `position`, of `count` records at most, or None when there is none that is worth it."""
    shape = _shape_at(data, position) if count >= RUN_LENGTH_MIN else None
    if shape is None:
        return None
    deltas = _expected_deltas(data, position, shape, count)
    end = position + len(deltas) * shape.total
    if len(deltas) < RUN_LENGTH_MIN or end > len(data) or not _is_uniform(data, position, end, shape, deltas):
        return None
    times = data[position + shape.time : end : shape.total]
    if max(times) > 0x7F:
        return None
    keys, values = _fields(memoryview(data)[position:end], shape)
    return Run(end, deltas, _timestamps(times, base_timestamp), keys, values)


def _shape_at(data: bytes, position: int) -> _Shape | None:
    """The shape of the record at `position`, or None when records like it are not read here."""
    try:
        length, attributes = _number_at(data, position)
        offset_delta, key_number = _number_at(data, attributes + 2)
        key_size, key = _number_at(data, key_number)
        value_number = key + max(0, key_size)
        value_size, value = _number_at(data, value_number)
        headers = value + max(0, value_size)
        has_headers = data[headers] != 0
    except IndexError:
        return None
    if min(length, offset_delta) < 0 or min(key_size, value_size) < -1 or has_headers:
        return None
    if data[attributes + 1] > 0x7F or attributes + length != headers + 1:
        return None
    starts = (attributes, attributes + 2, key_number, key, value_number, value, headers)
    attributes, delta, key_number, key, value_number, value, headers = (start - position for start in starts)
    return _Shape(attributes, delta, key_number, key, key_size, value_number, value, value_size, headers)


def _number_at(data: bytes, position: int) -> tuple[int, int]:
    """A number of one or two bytes that is not below -1, and the position behind it; any other gives -2."""
    raw = data[position]
    after = position + 1
    if raw > 0x7F:
        raw = raw & 0x7F | data[after] << 7
        after += 1
    if raw & 1 or raw >= 2 * _TWO_BYTE_DELTAS:
        return -1 if raw == _NULL else -2, after
    return raw >> 1, after


def _expected_deltas(data: bytes, position: int, shape: _Shape, count: int) -> range:
    """The offset deltas of the run, if it is one: up to where they take another byte."""
    first, after = _number_at(data, position + shape.delta)
    limit = _ONE_BYTE_DELTAS if after - position - shape.delta == 1 else _TWO_BYTE_DELTAS
    return range(first, min(first + count, limit))


def _is_uniform(data: bytes, position: int, end: int, shape: _Shape, deltas: range) -> bool:
    """Whether the columns of constants and of offset deltas hold what they must."""
    for start in shape.constants:
        column = data[position + start : end : shape.total]
        if column.count(column[0]) != len(column):
            return False
    start = position + shape.delta
    column = data[start : end : shape.total]
    if deltas.stop <= _ONE_BYTE_DELTAS:
        return column == _ONE_BYTE[deltas.start : deltas.stop]
    if column != _FIRST_OF_TWO[deltas.start : deltas.stop]:
        return False
    return data[start + 1 : end : shape.total] == _SECOND_OF_TWO[deltas.start : deltas.stop]


def _timestamps(times: bytes, base_timestamp: int) -> Iterable[int]:
    if times.count(times[0]) == len(times):
        return repeat(base_timestamp + (times[0] >> 1 ^ -(times[0] & 1)))
    return [base_timestamp + (time >> 1 ^ -(time & 1)) for time in times]


def _fields(run: memoryview, shape: _Shape) -> tuple[Iterable[bytes | None], Iterable[bytes | None]]:
    """The keys and the values of a run that is uniform."""
    has_key = shape.key_size >= 0
    has_value = shape.value_size >= 0
    key = f"{shape.key_size}s" if has_key else ""
    value = f"{shape.value_size}s" if has_value else ""
    between = shape.value - shape.value_number
    rows = struct.iter_unpack(f"{shape.key}x{key}{between}x{value}1x", run)
    if has_key and has_value:
        keys, values = zip(*rows, strict=True)
        return keys, values
    if has_key:
        return chain.from_iterable(rows), repeat(None)
    return repeat(None), chain.from_iterable(rows) if has_value else repeat(None)
