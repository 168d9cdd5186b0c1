"""Snappy: raw and in xerial's framing, and blocks that lie about their size."""

from __future__ import annotations

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch
from cordwood.records.codecs import snappy

HEADER = b"\x82SNAPPY\0" + bytes([0, 0, 0, 1, 0, 0, 0, 1])


def raw(data: bytes) -> bytes:
    """One raw block, as librdkafka produces it."""
    return bytes(cramjam.snappy.compress_raw(data))


def block(data: bytes) -> bytes:
    """One block in xerial's framing."""
    return len(raw(data)).to_bytes(4, "big") + raw(data)


@given(st.binary(max_size=100))
def test_raw(data):
    assert snappy.decompress(raw(data), len(data)) == data


@given(st.lists(st.binary(max_size=40)))
def test_xerial(pieces):
    framed = HEADER + b"".join(block(piece) for piece in pieces)
    data = b"".join(pieces)
    assert snappy.decompress(framed, len(data)) == data


def test_blocks_are_of_32_kib():
    framed = snappy.compress(b"x" * 70_000, None)
    assert framed == HEADER + block(b"x" * 32_768) * 2 + block(b"x" * (70_000 - 65_536))


def test_there_are_no_levels():
    with pytest.raises(ValueError, match="no levels"):
        snappy.compress(b"", 3)


def test_the_limit_is_for_all_blocks_together():
    framed = HEADER + block(bytes(100)) * 3
    assert snappy.decompress(framed, 300) == bytes(300)
    with pytest.raises(DecompressedTooLarge):
        snappy.decompress(framed, 299)


@pytest.mark.parametrize("framing", [b"", HEADER + (7).to_bytes(4, "big")])
def test_a_block_that_declares_a_gigabyte(framing):
    with pytest.raises(DecompressedTooLarge):
        snappy.decompress(framing + b"\x80\x80\x80\x80\x04\0\0", 1 << 20)


@pytest.mark.parametrize(
    "data",
    [
        HEADER[:-1],
        HEADER + b"\0\0",
        HEADER + (9).to_bytes(4, "big") + b"abc",
        HEADER + b"\xff\xff\xff\xff" + block(b"x"),
        HEADER + bytes(4),
        b"\xff\xff\xff\xff\xff\xff",
        b"\x05\x10hello"[:5],
    ],
)
def test_damage(data):
    with pytest.raises(InvalidBatch):
        snappy.decompress(data, 1 << 20)
