"""Gzip: what the standard library writes and reads, many members, and where the library would go on without bound."""

from __future__ import annotations

import gzip as reference
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import DecompressedTooLarge, InvalidBatch
from cordwood.records.codecs import gzip


@given(st.binary(max_size=200))
def test_the_reference_agrees(data):
    assert gzip.decompress(reference.compress(data), len(data)) == data
    assert reference.decompress(gzip.compress(data, None)) == data


def test_the_same_data_gives_the_same_bytes():
    assert gzip.compress(b"x", None)[4:8] == bytes(4)
    assert gzip.compress(b"x", None) == gzip.compress(b"x", None)


def test_data_longer_than_a_piece():
    data = os.urandom(200_000)
    assert gzip.decompress(reference.compress(data) + reference.compress(b"end"), 1 << 20) == data + b"end"


def test_very_many_members():
    member = reference.compress(b"")
    assert gzip.decompress(member * 5000 + reference.compress(b"end"), 3) == b"end"


def test_a_member_that_fills_the_limit_does_not_lift_it():
    full = reference.compress(bytes(100))
    assert gzip.decompress(full + reference.compress(b""), 100) == bytes(100)
    with pytest.raises(DecompressedTooLarge):
        gzip.decompress(full + reference.compress(b"x"), 100)


def test_a_wrong_checksum():
    data = bytearray(reference.compress(b"hello"))
    data[-5] ^= 1
    with pytest.raises(InvalidBatch, match="damaged"):
        gzip.decompress(data, 100)
