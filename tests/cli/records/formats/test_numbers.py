"""Numbers of format strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.formats.numbers import READERS, WRITERS


@pytest.mark.parametrize(
    ("name", "number", "written"),
    [
        ("ascii", -1, b"-1"),
        ("hex", 255, b"ff"),
        ("hex64", 255, b"00000000000000ff"),
        ("hex32", 255, b"000000ff"),
        ("hex16", -1, b"ffff"),
        ("hex8", 0x1FF, b"ff"),
        ("hex4", 0x1F, b"f"),
        ("big64", 258, b"\0\0\0\0\0\0\1\2"),
        ("big32", -1, b"\xff\xff\xff\xff"),
        ("big16", 258, b"\1\2"),
        ("big8", 256, b"\0"),
        ("little64", 258, b"\2\1\0\0\0\0\0\0"),
        ("little32", 258, b"\2\1\0\0"),
        ("little16", 258, b"\2\1"),
        ("little8", 258, b"\2"),
        ("byte", 65, b"A"),
        ("bool", 0, b"false"),
        ("bool", 7, b"true"),
    ],
)
def test_a_number_in_every_form(name, number, written):
    assert WRITERS[name](number) == written


@given(st.integers(-1, 2**15 - 1), st.sampled_from(sorted(name for name in READERS if name[-2:] in ("64", "32", "16"))))
def test_what_is_wide_enough_is_read_as_it_was_written(number, name):
    size, read = READERS[name]
    data = WRITERS[name](number)
    assert len(data) == size
    assert read(data) == number


@given(st.integers(0, 255))
def test_all_ones_in_a_byte_are_a_length(number):
    assert READERS["byte"][1](WRITERS["byte"](number)) == number
