"""Format strings in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.formats.scanning import Field, FormatError, Modifier, scan, unescape


def test_literals_and_fields():
    assert scan(r"a\t%k b%v\n") == [b"a\t", Field("k", None, 4), b" b", Field("v", None, 8), b"\n"]


def test_every_escape():
    assert scan(r"\t\n\r\\\0\x41\xfF%%%{%}") == [b"\t\n\r\\\0A\xff%{}"]


def test_characters_beyond_ascii_are_utf8():
    assert scan("ü%v") == ["ü".encode(), Field("v", None, 2)]


def test_bytes_of_an_argument_that_are_no_utf8_stay():
    assert scan(b"\xff".decode("utf-8", "surrogateescape")) == [b"\xff"]


def test_modifiers():
    assert scan("%v{hex}") == [Field("v", Modifier("hex", None, 4), 1)]
    assert scan("%d{strftime[%F %T]}x") == [Field("d", Modifier("strftime", "%F %T", 13), 1), b"x"]
    assert scan("%d{strftime##[%F]##}") == [Field("d", Modifier("strftime", "[%F]", 14), 1)]
    assert scan("%v{unpack{<i}}") == [Field("v", Modifier("unpack", "<i", 11), 1)]
    assert scan("%a{timestamp-type;big8}") == [Field("a", Modifier("timestamp-type;big8", None, 4), 1)]


def test_a_format_inside_a_format():
    assert scan("%h{ %k=%v{hex} %} }!") == [Field("h", Modifier("", " %k=%v{hex} %} ", 4), 1), b"!"]


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("ab%", 3, "% stands at the end"),
        ("ab\\", 3, "\\ stands at the end"),
        (r"a\q", 2, r"no escape \q"),
        (r"\x4", 1, "two hexadecimal digits"),
        ("a%v{hex", 4, "not closed"),
        ("%h{%k", 3, "not closed"),
        ("%d{strftime[%F}", 12, "wants to be closed by ]}"),
        ("%v{a b}", 5, "wants to be closed"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, position, reason):
    with pytest.raises(FormatError, match=rf"\(character {position} of the format\)") as caught:
        scan(text)
    assert reason in caught.value.reason
    assert caught.value.position == position


@given(st.text(max_size=30))
def test_any_text_is_scanned_or_refused(text):
    try:
        pieces = scan(text)
    except FormatError as error:
        assert 1 <= error.position <= len(text)  # noqa: PT017 - either is right
    else:
        assert all(pieces)


@given(st.binary(max_size=30))
def test_whatever_is_escaped_comes_back(data):
    assert unescape("".join(f"\\x{byte:02x}" for byte in data)) == data
