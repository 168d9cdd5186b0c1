"""Varints, tagged fields that nobody knows, runs of integers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import ProtocolError
from cordwood.wire import primitives
from cordwood.wire.primitives import (
    pack_integers,
    read_integers,
    read_long_uvarint,
    read_uvarint,
    skip_tagged,
    tagged_section,
    uvarint,
)


@pytest.mark.parametrize(
    ("value", "wire"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (16384, "808001"), (2**32 - 1, "ffffffff0f")],
)
def test_varints_as_the_protocol_guide_has_them(value, wire):
    assert uvarint(value).hex() == wire
    assert read_uvarint(memoryview(bytes.fromhex(wire)), 0) == (value, len(wire) // 2)


@given(st.integers(0, 2**35 - 1), st.binary(max_size=3), st.binary(max_size=3))
def test_varints_come_back(value, before, after):
    wire = memoryview(before + uvarint(value) + after)
    assert read_uvarint(wire, len(before)) == (value, len(wire) - len(after))


def test_a_varint_is_at_most_five_bytes():
    with pytest.raises(ProtocolError, match="longer than 5 bytes"):
        read_uvarint(memoryview(b"\xff" * 5 + b"\x01"), 0)
    with pytest.raises(ProtocolError):
        read_long_uvarint(memoryview(b"\xff" * 9), 1, 0xFF)


@pytest.mark.parametrize("wire", [b"", b"\x80", b"\xff\xff\xff\xff"])
def test_a_varint_that_is_cut_off_is_an_index_error(wire):
    with pytest.raises(IndexError):
        read_uvarint(memoryview(wire), 0)


fields = st.lists(st.tuples(st.integers(0, 1 << 20), st.lists(st.binary(max_size=200), max_size=2)), max_size=3)


@given(fields, st.binary(max_size=3))
def test_unknown_tagged_fields_are_skipped(written, after):
    section = tagged_section(written)
    wire = memoryview(section + after)
    assert skip_tagged(wire, 1, wire[0]) == len(section)


def test_many_tagged_fields_are_skipped():
    section = memoryview(tagged_section([(tag, [b"x"]) for tag in range(200)]))
    assert skip_tagged(section, 1, section[0]) == len(section)


def test_a_tagged_field_ends_before_the_buffer_does():
    with pytest.raises(ProtocolError, match="a tagged field at byte 3 asks for 5 bytes where 1 are left"):
        skip_tagged(memoryview(b"\x01\x00\x05x"), 1, 1)


@given(st.sampled_from("bhiq"), st.data())
def test_integers_come_back(letter, data):
    bits = {"b": 8, "h": 16, "i": 32, "q": 64}[letter]
    values = data.draw(st.lists(st.integers(-(1 << bits - 1), (1 << bits - 1) - 1), max_size=5))
    wire = pack_integers(letter, values)
    assert wire == b"".join(value.to_bytes(bits // 8, "big", signed=True) for value in values)
    assert read_integers(letter, memoryview(b"?" + wire), 1, len(values)) == tuple(values)


def test_errors_say_where():
    assert "name at byte 7 asks for 9 bytes where 2 are left" in str(primitives.truncated("name", 7, 9, 9))
    assert "name at byte 7" in str(primitives.unexpected_null("name", 7))
    assert "the tagged field leader ends at byte 9, its value at byte 7" in str(primitives.tag_mismatch("leader", 7, 9))
