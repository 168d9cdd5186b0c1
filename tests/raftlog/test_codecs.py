"""Codecs: bytes and back, lengths that lie, and what people read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.raftlog_errors import IncompleteRecord, InvalidRecord
from cordwood.raftlog.codecs import BYTES, PAIR, PLAIN, TEXT, TEXTS, quoted

numbers = st.integers(0, (1 << 64) - 1)


@given(value=st.tuples(numbers, numbers), before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_pairs(value, before, after):
    data = PAIR.encode(value)
    assert data == value[0].to_bytes(8, "big") + value[1].to_bytes(8, "big")
    whole = memoryview(before + data + after)
    assert PAIR.decode(whole, len(before), len(whole)) == (value, len(before) + 16)


@given(value=st.text(max_size=40), after=st.binary(max_size=9))
def test_texts(value, after):
    data = TEXT.encode(value)
    assert data == len(value.encode()).to_bytes(4, "big") + value.encode()
    assert TEXT.decode(memoryview(data + after), 0, len(data) + len(after)) == (value, len(data))
    assert BYTES.decode(memoryview(data), 0, len(data)) == (value.encode(), len(data))


@pytest.mark.parametrize(("codec", "value"), [(PAIR, (1, 2)), (TEXT, "hello"), (BYTES, b"hello")])
def test_every_cut_is_an_unexpected_end(codec, value):
    data = memoryview(codec.encode(value))
    for end in range(len(data)):
        with pytest.raises(IncompleteRecord):
            codec.decode(data, 0, end)


def test_a_length_is_checked_before_anything_is_taken():
    with pytest.raises(IncompleteRecord, match="3 bytes are left of 4294967295"):
        BYTES.decode(memoryview(b"\xff\xff\xff\xffabc"), 0, 7)


def test_a_text_that_is_no_text_is_refused():
    with pytest.raises(InvalidRecord, match="UTF-8"):
        TEXT.decode(memoryview(b"\0\0\0\1\xff"), 0, 5)


def test_decoded_bytes_are_copies():
    data = bytearray(BYTES.encode(b"abc"))
    value, _ = BYTES.decode(memoryview(data), 0, len(data))
    data[4:] = b"xyz"
    assert value == b"abc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hi", '"hi"'),
        ('say "hi"\n', '"say \\"hi\\"\\n"'),
        ("it's", '"it\'s"'),
        ("a\\b\t\r\0", '"a\\\\b\\t\\r\\0"'),
        ("\x1b[0m\u200b", '"\\u{1b}[0m\\u{200b}"'),
        ("grün 木", '"grün 木"'),
    ],
)
def test_texts_are_shown_as_rust_shows_them(text, shown):
    assert quoted(text) == TEXT.text(text) == BYTES.text(text.encode()) == shown


def test_bytes_that_are_no_text_are_shown_as_bytes():
    assert BYTES.text(b'\xff\x00a"\\') == 'b"\\xff\\x00a\\"\\\\"'
    assert PAIR.text((1, 2)) == "(1, 2)"


@pytest.mark.parametrize("types", [PLAIN, TEXTS])
def test_types_know_indexes_and_sizes(types):
    assert types.index_of((7, 9)) == 9
    assert types.payload_size(types.payload.decode(memoryview(b"\0\0\0\2ab"), 0, 6)[0]) == 2
