"""JSON objects as records."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.input.documents import read_json, read_json_lines
from cordwood.cli.records.input.feed import Feed, InputError
from cordwood.cli.records.message import Outgoing
from tests.cli.records.input.test_feed import Dribble

A, B = Outgoing(None, b"a"), Outgoing(b"k", None)


def test_an_object_a_line():
    data = b'{"value":"a"}\n\n {"key":"k","value":null}'
    assert list(read_json_lines(Feed(io.BytesIO(data)))) == [A, B]


@pytest.mark.parametrize(
    "data",
    [
        b'[{"value":"a"},{"key":"k","value":null}]',
        b' [ {"value" : "a"}\n,\n{"key":"k",\n"value":null}\n]\n',
        b'{"value":"a"}{"key":"k","value":null}',
        b'{"value":"a"}\n{"key":"k","value":null}\n',
        b'[{"value":"a"}] {"key":"k","value":null}',
    ],
)
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_objects_of_a_document(data, piece):
    assert list(read_json(Feed(Dribble(data, piece)))) == [A, B]


@pytest.mark.parametrize("data", [b"", b"  \n", b"[]", b" [ ] "])
def test_no_object_at_all(data):
    assert list(read_json(Feed(io.BytesIO(data)))) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"3", "an object was expected, b'3' came"),
        (b"[3]", "an object was expected, b'3' came"),
        (b'[{"value":"a"}', "a comma or ] was expected, the end came"),
        (b'[{"value":"a"} {}]', "a comma or ] was expected, b'{' came"),
        (b"[", "an object was expected, the end came"),
        (b'{"value":"a', "ends too early"),
        (b'{"value"}', "this is no record"),
    ],
)
def test_what_is_no_document_of_records(data, reason):
    with pytest.raises(InputError, match=reason):
        list(read_json(Feed(io.BytesIO(data))))


@given(st.lists(st.text(max_size=20), max_size=4), st.integers(1, 20))
def test_braces_in_strings_do_not_count(values, piece):
    data = json.dumps([{"value": value} for value in values]).encode()
    try:
        expected = [Outgoing(None, value.encode()) for value in values]
    except UnicodeEncodeError:
        return
    assert list(read_json(Feed(Dribble(data, piece)))) == expected
