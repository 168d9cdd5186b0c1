"""Variable-length integers: known bytes, the round trip, and refusal of what is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import InvalidBatch
from cordwood.records.varint import VARINT, VARLONG_SIZE_LIMIT, read_raw_varint


@pytest.mark.parametrize(
    ("number", "encoded"),
    [
        (0, "00"),
        (-1, "01"),
        (1, "02"),
        (63, "7e"),
        (-64, "7f"),
        (64, "8001"),
        (8191, "fe7f"),
        (8192, "808001"),
        (2**31 - 1, "feffffff0f"),
        (-(2**63), "ffffffffffffffffff01"),
        (2**63 - 1, "feffffffffffffffff01"),
    ],
)
def test_known_numbers(number, encoded):
    assert VARINT[number].hex() == encoded


@given(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=3), st.binary(max_size=3))
def test_round_trip(number, before, after):
    raw, position = read_raw_varint(before + VARINT[number] + after, len(before), VARLONG_SIZE_LIMIT)
    assert (raw >> 1) ^ -(raw & 1) == number
    assert position == len(before) + len(VARINT[number])


def test_only_small_numbers_are_remembered():
    size = len(VARINT)
    assert VARINT[10_000_000] == VARINT[10_000_000]
    assert 10_000_000 not in VARINT
    assert len(VARINT) == size
    assert VARINT[77] is VARINT[77]


def test_too_many_bytes_are_refused():
    with pytest.raises(InvalidBatch, match="more than 5 bytes"):
        read_raw_varint(b"\x80" * 5 + b"\0", 0)
    with pytest.raises(InvalidBatch, match="64 bits"):
        read_raw_varint(b"\xff" * 9 + b"\x02", 0, VARLONG_SIZE_LIMIT)


def test_an_early_end_is_an_index_error():
    with pytest.raises(IndexError):
        read_raw_varint(b"\x80\x80", 0)
