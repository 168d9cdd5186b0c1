r"""Codec 2: snappy, by cramjam, in the two shapes that producers write.

      raw:     [length varint][snappy ...]
      xerial:  [\x82 S N A P P Y \0][version i32][compatible i32] then blocks, each [size i32][raw ...]

The Java client and those that follow it write xerial's framing, librdkafka writes raw snappy; every client reads both.
Trap: a raw block declares its decompressed size, so that is looked at before it is decompressed.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

import cramjam

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer

_XERIAL_MAGIC: Final = b"\x82SNAPPY\0"
_XERIAL_HEADER: Final = Struct(">8sii")
_XERIAL_VERSION: Final = 1
_XERIAL_BLOCK_BYTES: Final = 32 * 1024
_BLOCK_SIZE: Final = Struct(">i")


def compress(data: Buffer, level: int | None) -> bytes:
    """Blocks in xerial's framing, of the size that the Java client takes. Snappy has no levels."""
    if level is not None:
        raise ValueError("snappy has no levels")
    view = memoryview(data)
    parts = [_XERIAL_HEADER.pack(_XERIAL_MAGIC, _XERIAL_VERSION, _XERIAL_VERSION)]
    for start in range(0, len(view), _XERIAL_BLOCK_BYTES):
        block = bytes(cramjam.snappy.compress_raw(view[start : start + _XERIAL_BLOCK_BYTES]))
        parts += (_BLOCK_SIZE.pack(len(block)), block)
    return b"".join(parts)


def decompress(data: Buffer, limit_bytes: int) -> bytes:
    """Either shape, told apart by xerial's magic."""
    view = memoryview(data)
    if bytes(view[: len(_XERIAL_MAGIC)]) != _XERIAL_MAGIC:
        return _decompress_block(view, limit_bytes, limit_bytes)
    if len(view) < _XERIAL_HEADER.size:
        raise InvalidBatch("its snappy data ends early")
    found: list[bytes] = []
    room = limit_bytes
    position = _XERIAL_HEADER.size
    while position < len(view):
        start = position + _BLOCK_SIZE.size
        size = _BLOCK_SIZE.unpack_from(view, position)[0] if start <= len(view) else -1
        position = start + size
        if size < 0 or position > len(view):
            raise InvalidBatch("its snappy data ends early")
        found.append(_decompress_block(view[start:position], room, limit_bytes))
        room -= len(found[-1])
    return b"".join(found)


def _decompress_block(block: memoryview, room: int, limit_bytes: int) -> bytes:
    try:
        if cramjam.snappy.decompress_raw_len(block) > room:
            raise DecompressedTooLarge(limit_bytes)
        return bytes(cramjam.snappy.decompress_raw(block))
    except cramjam.DecompressionError as error:
        raise InvalidBatch(f"its snappy data is damaged: {error}") from error
