"""Codec 4: Zstandard frames, by the zstandard package.

Traps: `ZstdDecompressor.decompress(max_output_size=...)` ignores the bound when the frame declares its size (6 KB
became 200 MB), and reads only the first of several frames; a stream reader says nothing when a frame ends early.
Contexts are not shared, because two threads may not use one at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import zstandard

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer

_DEFAULT_LEVEL: Final = 3
_OUTPUT_PIECE_BYTES: Final = 1 << 20
_FRAME_HEADER_LIMIT_BYTES: Final = 18
_BLOCK_HEADER_BYTES: Final = 3
_RUN_LENGTH_BLOCK: Final = 1
_CHECKSUM_BYTES: Final = 4
_SKIPPABLE_MAGIC: Final = 0x184D2A50
"""With any last four bits, this begins a frame of something else, which is passed over."""


def compress(data: Buffer, level: int | None) -> bytes:
    """One frame, which declares its size."""
    try:
        compressor = zstandard.ZstdCompressor(level=_DEFAULT_LEVEL if level is None else level)
    except ValueError as error:
        raise ValueError(f"zstd has no level {level}") from error
    return compressor.compress(memoryview(data))


def decompress(data: Buffer, limit_bytes: int) -> bytes:
    """All frames, one after the other."""
    try:
        return _decompress(data, limit_bytes)
    except zstandard.ZstdError as error:
        raise InvalidBatch(f"its zstd data is damaged: {error}") from error


def _decompress(data: Buffer, limit_bytes: int) -> bytes:
    view = memoryview(data)
    _check_frames_are_whole(view)
    found: list[bytes] = []
    room = limit_bytes
    with zstandard.ZstdDecompressor().stream_reader(view, read_across_frames=True) as reader:
        while output := reader.read(min(room + 1, _OUTPUT_PIECE_BYTES)):
            room -= len(output)
            if room < 0:
                raise DecompressedTooLarge(limit_bytes)
            found.append(output)
    return b"".join(found)


def _check_frames_are_whole(view: memoryview) -> None:
    """Walks over the blocks of each frame, by their sizes alone (RFC 8878, 3.1.1)."""
    position = 0
    while position < len(view) or not position:
        magic = int.from_bytes(view[position : position + 4], "little")
        if magic & ~0xF == _SKIPPABLE_MAGIC:
            position += 8 + int.from_bytes(view[position + 4 : position + 8], "little")
        else:
            position = _end_of_frame(view, position)
        if position > len(view):
            raise InvalidBatch("its zstd data ends early")


def _end_of_frame(view: memoryview, position: int) -> int:
    """Where the frame that begins at `position` ends, as its blocks say; it may be behind the end of the view."""
    header = view[position : position + _FRAME_HEADER_LIMIT_BYTES]
    has_checksum = zstandard.get_frame_parameters(header).has_checksum
    position += zstandard.frame_header_size(header)
    is_last = False
    while not is_last and position < len(view):
        block = int.from_bytes(view[position : position + _BLOCK_HEADER_BYTES], "little")
        is_last = block & 1 == 1
        is_run = block >> 1 & 3 == _RUN_LENGTH_BLOCK
        position += _BLOCK_HEADER_BYTES + (1 if is_run else block >> 3)
    if not is_last:
        raise InvalidBatch("its zstd data ends early")
    return position + (_CHECKSUM_BYTES if has_checksum else 0)
