"""Codec 1: gzip (RFC 1952), by zlib.

Traps: `max_length=0` means no bound, so a bound is always one more than what may come; a producer may write several
members one after the other; `unused_data` copies what is left, so the data is handed over in pieces.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer

_GZIP_FRAMING: Final = 16 + zlib.MAX_WBITS
_PIECE_BYTES: Final = 1 << 16


def compress(data: Buffer, level: int | None) -> bytes:
    """One member without name and time."""
    try:
        compressor = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION if level is None else level, wbits=_GZIP_FRAMING)
    except (zlib.error, ValueError) as error:
        raise ValueError(f"gzip has no level {level}") from error
    return compressor.compress(data) + compressor.flush()


def decompress(data: Buffer, limit_bytes: int) -> bytes:
    """All members, one after the other."""
    view = memoryview(data)
    found: list[bytes] = []
    room = limit_bytes
    member = zlib.decompressobj(_GZIP_FRAMING)
    position = 0
    while position < len(view):
        if member.eof:
            member = zlib.decompressobj(_GZIP_FRAMING)
        piece = view[position : position + _PIECE_BYTES]
        try:
            output = member.decompress(piece, room + 1)
        except zlib.error as error:
            raise InvalidBatch(f"its gzip data is damaged: {error}") from error
        room -= len(output)
        if room < 0:
            raise DecompressedTooLarge(limit_bytes)
        found.append(output)
        position += len(piece) - len(member.unused_data) - len(member.unconsumed_tail)
    if not member.eof:
        raise InvalidBatch("its gzip data ends early")
    return b"".join(found)
