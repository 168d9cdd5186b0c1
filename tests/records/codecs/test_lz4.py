"""LZ4: what other writers make of a frame, and where the library would go on without bound."""

from __future__ import annotations

import lz4.frame
import pytest

from cordwood.model.errors import InvalidBatch
from cordwood.records.codecs import lz4 as codec

DATA = b"hello " * 50_000


@pytest.mark.parametrize("block_linked", [True, False])
@pytest.mark.parametrize("store_size", [True, False])
@pytest.mark.parametrize("checksums", [True, False])
@pytest.mark.parametrize("block_size", [lz4.frame.BLOCKSIZE_MAX64KB, lz4.frame.BLOCKSIZE_MAX4MB])
def test_every_shape_of_a_frame_is_read(block_linked, store_size, checksums, block_size):
    frame = lz4.frame.compress(
        DATA,
        block_size=block_size,
        block_linked=block_linked,
        store_size=store_size,
        content_checksum=checksums,
        block_checksum=checksums,
    )
    assert codec.decompress(frame, len(DATA)) == DATA


def test_frames_are_written_as_kafka_clients_do():
    frame = codec.compress(DATA, None)
    info = lz4.frame.get_frame_info(frame)
    assert info["block_size"] == 64 * 1024
    assert not info["block_linked"]
    assert lz4.frame.decompress(frame) == DATA


def test_frames_to_be_passed_over():
    skippable = (0x184D2A53).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    assert codec.decompress(skippable + codec.compress(b"x", None), 10) == b"x"


def test_output_of_several_pieces():
    data = bytes(5 << 20)
    assert codec.decompress(codec.compress(data, None), len(data)) == data


def test_very_many_frames():
    frame = lz4.frame.compress(b"")
    assert codec.decompress(frame * 5000 + lz4.frame.compress(b"end"), 3) == b"end"


def test_a_wrong_checksum():
    frame = bytearray(lz4.frame.compress(DATA, content_checksum=True))
    frame[-1] ^= 1
    with pytest.raises(InvalidBatch, match="damaged"):
        codec.decompress(frame, len(DATA))
