"""Texts of format strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.formats.scanning import FormatError, Modifier
from cordwood.cli.records.formats.texts import READERS, WRITERS, text_reader, text_writer, unpacker


@given(st.binary(max_size=40), st.sampled_from(sorted(WRITERS)))
def test_what_is_written_can_be_read(data, name):
    write, read = text_writer(Modifier(name, None, 1)), text_reader(Modifier(name, None, 1))
    assert write is WRITERS[name]
    assert read is READERS[name]
    assert write(data).isascii()
    assert read(write(data)) == data


def test_both_tables_have_the_same_names():
    assert sorted(WRITERS) == sorted(READERS)


def test_without_padding():
    assert WRITERS["base64raw"](b"a") == b"YQ"


def test_none_is_as_it_is():
    assert text_writer(None) is None
    assert text_reader(None) is None


@pytest.mark.parametrize(
    ("letters", "data", "shown"),
    [
        (">I", b"\0\0\1\0", b"256"),
        ("<hxH", b"\xff\xff\xff\xff", b"-165535"),
        ("b.cs", b"\xfeabcd", b"-2abcd"),
        (">q$", b"\0" * 7 + b"\1", b"1"),
        ("B$", b"\1\2", b"1%!$(not end-of-input)"),
        ("i", b"\1\2", b"%!(have 2 bytes, need 4)"),
        ("c", b"", b"%!c(no bytes available)"),
        ("<h>h", b"\1\0\0\1", b"11"),
    ],
)
def test_unpacking(letters, data, shown):
    assert unpacker(letters, 1)(data) == shown


@pytest.mark.parametrize(
    ("modifier", "position"),
    [
        (Modifier("unpack", ">Iz", 11), 13),
        (Modifier("unpack", "sI", 11), 12),
        (Modifier("unpack", None, 4), 4),
        (Modifier("upper", None, 4), 4),
        (Modifier("hex", "argument", 4), 4),
    ],
)
def test_what_cannot_be_written_is_told_with_its_place(modifier, position):
    with pytest.raises(FormatError) as caught:
        text_writer(modifier)
    assert caught.value.position == position


def test_what_cannot_be_read_is_told():
    with pytest.raises(FormatError, match="not read as unpack"):
        text_reader(Modifier("unpack", ">I", 4))
