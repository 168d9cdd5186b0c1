"""Codec 3: LZ4 frames, by the lz4 package.

Traps: without `max_length` a frame decompresses without bound; a producer may write several frames one after the
other; the class LZ4FrameDecompressor copies what is left after each of them, the functions under it do not.
Batches of format v2 never have the wrong header checksum of KAFKA-3160.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import lz4.frame

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer

_OUTPUT_PIECE_BYTES: Final = 1 << 20
_LEVELS: Final = range(-64, lz4.frame.COMPRESSIONLEVEL_MAX + 1)


def compress(data: Buffer, level: int | None) -> bytes:
    """One frame of independent blocks of 64 KiB, as Kafka's Java client writes it."""
    if level is not None and level not in _LEVELS:
        raise ValueError(f"lz4 has no level {level}")
    compressed: bytes = lz4.frame.compress(
        data,
        compression_level=level or 0,
        block_size=lz4.frame.BLOCKSIZE_MAX64KB,
        block_linked=False,
        store_size=False,
    )
    return compressed


def decompress(data: Buffer, limit_bytes: int) -> bytes:
    """All frames, one after the other."""
    view = memoryview(data)
    found: list[bytes] = []
    room = limit_bytes
    context = lz4.frame.create_decompression_context()
    position = 0
    frame_is_whole = False
    while position < len(view) or not frame_is_whole:
        try:
            output, consumed, frame_is_whole = lz4.frame.decompress_chunk(
                context, view[position:], max_length=min(room + 1, _OUTPUT_PIECE_BYTES)
            )
        except RuntimeError as error:
            raise InvalidBatch(f"its lz4 data is damaged: {error}") from error
        if not output and not consumed:
            raise InvalidBatch("its lz4 data ends early")
        room -= len(output)
        if room < 0:
            raise DecompressedTooLarge(limit_bytes)
        found.append(output)
        position += consumed
    return b"".join(found)
