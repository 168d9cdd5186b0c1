"""Bytes in pieces."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.input.feed import Feed, InputError


class Dribble:
    """A stream that hands out so many bytes at a time."""

    def __init__(self, data, piece):
        self._stream, self._piece = io.BytesIO(data), piece

    def read1(self, size=-1, /):
        return self._stream.read(self._piece)


@given(st.binary(max_size=60), st.sampled_from([b"\n", b"\r\n", b"aab"]), st.integers(1, 9))
def test_pieces_between_delimiters(data, delimiter, piece):
    feed = Feed(Dribble(data, piece))
    found = []
    while not feed.is_at_end():
        found.append(feed.until(delimiter, may_end=True))
    *expected, last = data.split(delimiter)
    beginnings = [delimiter[:size] for size in range(len(delimiter) - 1, 0, -1) if last.endswith(delimiter[:size])]
    assert found == expected + ([last.removesuffix(beginnings[0] if beginnings else b"")] if last else [])


def test_a_delimiter_that_must_come():
    feed = Feed(io.BytesIO(b"abc"))
    with pytest.raises(InputError, match="ends before b';'"):
        feed.until(b";", may_end=False)


@given(st.binary(max_size=40), st.integers(1, 9))
def test_so_many_bytes(data, piece):
    feed = Feed(Dribble(data, piece))
    half = len(data) // 2
    assert feed.take(half) + feed.rest() == data
    assert feed.is_at_end()
    assert feed.take(0) == b""
    with pytest.raises(InputError, match="1 bytes too early"):
        feed.take(1)


@pytest.mark.parametrize("piece", [1, 2, 100])
@pytest.mark.parametrize(
    ("data", "digits", "rest"),
    [(b"12x", b"12", b"x"), (b"-1-2", b"-1", b"-2"), (b"", b"", b""), (b"x", b"", b"x"), (b"99", b"99", b"")],
)
def test_digits(data, digits, rest, piece):
    feed = Feed(Dribble(data, piece))
    assert feed.digits() == digits
    assert feed.rest() == rest


def test_peeking_takes_nothing_but_what_is_passed_over():
    feed = Feed(Dribble(b"  \n x", 1))
    assert feed.peek(b" \n") == b"x"
    assert feed.peek() == b"x"
    assert feed.rest() == b"x"
    assert feed.peek(b" ") == b""


def test_a_record_without_an_end_does_not_fill_the_memory():
    feed = Feed(Dribble(b"a" * 100, 10), limit_bytes=50)
    with pytest.raises(InputError, match="larger than the limit of 50 bytes"):
        feed.until(b"\n", may_end=True)


def test_many_records_may_be_larger_than_the_limit_together():
    feed = Feed(Dribble(b"123456789\n" * 100, 7), limit_bytes=20)
    count = 0
    while not feed.is_at_end():
        assert feed.until(b"\n", may_end=True) == b"123456789"
        count += 1
    assert count == 100


def test_what_was_read_is_told():
    told = []
    Feed(Dribble(b"abcde", 2), told.append).rest()
    assert told == [2, 2, 1, 0]


def test_something_else_than_was_expected():
    with pytest.raises(InputError, match="b'ab' was expected, b'ac' came"):
        Feed(io.BytesIO(b"acd")).skip(b"ab", may_end=False)
