"""Lines of text as records."""

from __future__ import annotations

import io

import pytest

from cordwood.cli.records.input.feed import Feed
from cordwood.cli.records.input.lines import read_lines, read_whole
from cordwood.cli.records.message import Outgoing


@pytest.mark.parametrize(
    ("data", "delimiter", "records"),
    [
        (b"a\nb\n", None, [Outgoing(None, b"a"), Outgoing(None, b"b")]),
        (b"a\n\nb", None, [Outgoing(None, b"a"), Outgoing(None, b""), Outgoing(None, b"b")]),
        (b"", None, []),
        (b"\xff\0\r\n", None, [Outgoing(None, b"\xff\0\r")]),
        (b"k:v:w\n:v\nv\n", b":", [Outgoing(b"k", b"v:w"), Outgoing(b"", b"v"), Outgoing(None, b"v")]),
        (b"k => v\n", b" => ", [Outgoing(b"k", b"v")]),
    ],
)
def test_a_line_is_a_record(data, delimiter, records):
    assert list(read_lines(Feed(io.BytesIO(data)), delimiter)) == records


def test_the_whole_input_is_a_record():
    assert list(read_whole(Feed(io.BytesIO(b"a\nb\n")))) == [Outgoing(None, b"a\nb\n")]
    assert list(read_whole(Feed(io.BytesIO(b"")))) == [Outgoing(None, b"")]
