"""Zstandard: frames with and without their size, several of them, and bombs that declare what they are."""

from __future__ import annotations

import os

import pytest
import zstandard

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch
from cordwood.records.codecs import zstd

DATA = b"hello " * 50_000


@pytest.mark.parametrize("write_content_size", [True, False])
@pytest.mark.parametrize("write_checksum", [True, False])
@pytest.mark.parametrize("data", [b"", DATA, os.urandom(300_000), bytes(1_000_000)])
def test_every_shape_of_a_frame_is_read(write_content_size, write_checksum, data):
    compressor = zstandard.ZstdCompressor(write_content_size=write_content_size, write_checksum=write_checksum)
    frame = compressor.compress(data)
    assert zstd.decompress(frame, len(data)) == data
    assert zstd.decompress(frame + frame, 2 * len(data)) == data + data
    for size in (1, 4, 7, len(frame) - 1):
        with pytest.raises(InvalidBatch):
            zstd.decompress(frame[:size], 1 << 20)


@pytest.mark.parametrize("write_content_size", [True, False])
def test_a_bomb(write_content_size):
    bomb = zstandard.ZstdCompressor(write_content_size=write_content_size).compress(bytes(64 << 20))
    assert len(bomb) < 8192
    with pytest.raises(DecompressedTooLarge):
        zstd.decompress(bomb, 1 << 20)


def test_frames_written_in_pieces():
    writer = zstandard.ZstdCompressor().compressobj()
    frame = b"".join((writer.compress(DATA), writer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), writer.flush()))
    assert zstd.decompress(frame, len(DATA)) == DATA


def test_frames_to_be_passed_over():
    skippable = (0x184D2A5F).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    frame = zstd.compress(b"x", None)
    assert zstd.decompress(skippable + frame + skippable, 1) == b"x"
    with pytest.raises(InvalidBatch, match="ends early"):
        zstd.decompress(frame + skippable[:-1], 1)


def test_a_wrong_checksum():
    frame = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(DATA))
    frame[-1] ^= 1
    with pytest.raises(InvalidBatch, match="damaged"):
        zstd.decompress(frame, len(DATA))


def test_another_format():
    with pytest.raises(InvalidBatch, match="damaged"):
        zstd.decompress(b"this is no frame at all", 100)
