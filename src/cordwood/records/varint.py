"""Variable-length integers as Kafka's records write them: zigzag, seven bits a byte, the lowest first.

Lives here: the encodings, remembered, and the careful reader of the long ones. The readers and writers of records
handle one and two bytes themselves, in line, and come here for the rest.

Source: Protocol Buffers encoding, signed varints; Kafka's ByteUtils.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.errors import InvalidBatch

_REMEMBERED: Final = range(-64, 8192)
"""All that fits into two bytes and is not negative, and what fits into one."""

VARINT_SIZE_LIMIT: Final = 5
VARLONG_SIZE_LIMIT: Final = 10

_SIGN_SHIFT: Final = 63
_LONG_BITS: Final = 64


class _Varints(dict[int, bytes]):
    """Encodes on the first lookup; a lookup costs a tenth of an encoding (bench/records.py)."""

    def __missing__(self, number: int) -> bytes:
        left = (number << 1) ^ (number >> _SIGN_SHIFT)
        encoded = bytearray()
        while left > 0x7F:
            encoded.append(left & 0x7F | 0x80)
            left >>= 7
        encoded.append(left)
        result = bytes(encoded)
        if number in _REMEMBERED:
            self[number] = result
        return result


VARINT: Final = _Varints()
"""VARINT[number] are the bytes of a signed number of up to 64 bits."""


def read_raw_varint(data: bytes, position: int, size_limit: int = VARINT_SIZE_LIMIT) -> tuple[int, int]:
    """Reads one number at `position`, zigzag still in it; returns it and the position behind it.

    Raises InvalidBatch when it takes more bytes than `size_limit`, IndexError where the data ends.
    """
    raw = 0
    for index in range(size_limit):
        byte = data[position + index]
        raw |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if raw >> _LONG_BITS:
                break
            return raw, position + index + 1
    raise InvalidBatch(f"the number at byte {position} of its records has more than {size_limit} bytes or 64 bits")
