"""Java's properties are read as Java reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.node.properties import Pair, looks_like, parse


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("# a=b\n  ! c=d\n\n \t\n", []),
        ("a=b", [("a", "b", 1)]),
        ("a = b ", [("a", "b ", 1)]),
        ("a:b\na b\na\tb\na\n=b", [("a", "b", 1), ("a", "b", 2), ("a", "b", 3), ("a", "", 4), ("", "b", 5)]),
        ("a==b", [("a", "=b", 1)]),
        ("a = x,\\\n    y,\\\n    z\nb=1", [("a", "x,y,z", 1), ("b", "1", 4)]),
        ("a = x\\\\\nb=1", [("a", "x\\", 1), ("b", "1", 2)]),
        ("a = x\\\n# no comment", [("a", "x# no comment", 1)]),
        ("a = x\\", [("a", "x", 1)]),
        ("a\\:b\\=c\\ d = e", [("a:b=c d", "e", 1)]),
        ("a = caf\\u00e9\\t\\q\\u12", [("a", "café\tqu12", 1)]),
        ("a=1\r\nb=2\rc=3", [("a", "1", 1), ("b", "2", 2), ("c", "3", 3)]),
    ],
)
def test_texts(text, pairs):
    assert parse(text) == [Pair(*pair) for pair in pairs]


def escaped(text):
    letters = {"\\": "\\\\", "=": "\\=", ":": "\\:", " ": "\\ ", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
    return "".join(letters.get(letter, f"\\{letter}" if letter in "#!" else letter) for letter in text)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_whatever_is_written_with_escapes_is_read_again(pairs):
    text = "\n".join(f"{escaped(name)} = {escaped(value)}" for name, value in pairs)
    assert [(pair.name, pair.value) for pair in parse(text)] == pairs


@given(st.text())
def test_any_text_has_a_reading(text):
    assert all(pair.line >= 1 for pair in parse(text))


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("log.dirs=/tmp", True),
        ("# nothing", False),
        ("log.dirs = '/tmp'", False),
        ("[log]\ndirs = /tmp", False),
        ("log.dirs = [", False),
        ("<html>", False),
    ],
)
def test_what_looks_like_properties(text, properties):
    assert looks_like(text) is properties
