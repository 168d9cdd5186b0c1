"""The smallest pieces of the protocol: variable-length integers, tagged fields that nobody knows, and runs of integers.

    unsigned varint   seven bits a byte, lowest first; the high bit says that another byte follows; at most 5 bytes
    tagged fields     varint count, then for each: varint tag, varint size, that many bytes

Generated code (see `encode` and `decode`) handles the common case, a varint of one byte, in line, and calls these
functions for the rest. Lives here: functions over bytes. Must not live here: messages.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from struct import Struct, pack, unpack_from
from typing import Final

from cordwood.model.errors import ProtocolError

VARINT_SIZE_LIMIT_BYTES: Final = 5

ONE_BYTE: Final = tuple(bytes((value,)) for value in range(128))
"""The varints of one byte, ready made."""

_PACK_ONE: Final = {letter: Struct(f">{letter}").pack for letter in "bhiq"}


def uvarint(value: int) -> bytes:
    """An unsigned varint of any size."""
    if value < 128:
        return ONE_BYTE[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_uvarint(buffer: memoryview, position: int) -> tuple[int, int]:
    """The unsigned varint at a position, and the position after it; IndexError when the buffer ends inside it."""
    first = buffer[position]
    if first < 128:
        return first, position + 1
    return read_long_uvarint(buffer, position + 1, first)


def read_long_uvarint(buffer: memoryview, position: int, first: int) -> tuple[int, int]:
    """The rest of a varint whose first byte was read and had its high bit set."""
    value, shift = first & 127, 7
    for index in range(position, position + VARINT_SIZE_LIMIT_BYTES - 1):
        byte = buffer[index]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, index + 1
        shift += 7
    raise ProtocolError(f"the varint at byte {position - 1} is longer than {VARINT_SIZE_LIMIT_BYTES} bytes")


def skip_tagged(buffer: memoryview, position: int, first: int) -> int:
    """The position after tagged fields that are not known; `first` is the first byte of their count."""
    count = first
    if first > 127:
        count, position = read_long_uvarint(buffer, position, first)
    for _ in range(count):
        _, position = read_uvarint(buffer, position)
        size, position = read_uvarint(buffer, position)
        position += size
        if position > len(buffer):
            raise truncated("a tagged field", position - size, size, len(buffer))
    return position


def tagged_section(fields: list[tuple[int, list[Sized]]]) -> bytes:
    """The tagged fields of a structure, from their tags in rising order and the parts of their values."""
    out = bytearray(uvarint(len(fields)))
    for tag, parts in fields:
        value = b"".join(parts)  # type: ignore[arg-type]  # no tagged field holds records, so every part is bytes
        out += uvarint(tag) + uvarint(len(value)) + value
    return bytes(out)


def pack_integers(letter: str, values: Sequence[int]) -> bytes:
    """Integers of one width, end to end."""
    if len(values) == 1:  # As the replicas of a partition that has one: three times as fast.
        return _PACK_ONE[letter](values[0])
    return pack(f">{len(values)}{letter}", *values)


def read_integers(letter: str, buffer: memoryview, position: int, count: int) -> tuple[int, ...]:
    """The mirror of `pack_integers`; the caller has checked that the bytes are there."""
    return unpack_from(f">{count}{letter}", buffer, position)


def truncated(field: str, position: int, size: int, end: int) -> ProtocolError:
    """The error for a field whose length says more than what is left."""
    return ProtocolError(f"{field} at byte {position} asks for {size} bytes where {max(end - position, 0)} are left")


def unexpected_null(field: str, position: int) -> ProtocolError:
    """The error for a null, or a negative length, where none may be."""
    return ProtocolError(f"{field} at byte {position} is null or has a negative length")


def tag_mismatch(field: str, position: int, end: int) -> ProtocolError:
    """The error for a tagged field whose size is not that of its value."""
    return ProtocolError(f"the tagged field {field} ends at byte {end}, its value at byte {position}")
