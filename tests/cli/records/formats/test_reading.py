"""Records read by format strings."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.formats.reading import record_reader
from cordwood.cli.records.formats.scanning import FormatError
from cordwood.cli.records.formats.writing import record_writer
from cordwood.cli.records.input.feed import Feed, InputError
from cordwood.cli.records.message import Outgoing
from tests.cli.records.input.test_feed import Dribble
from tests.cli.records.kit import messages, outgoing

BINARY = "%p{big32}%T{big64}%K{big32}%k%R%s%H{big16}%h{%K{big32}%k%V{big32}%v}"


def read(text, data, piece=1000):
    reader, feed = record_reader(text), Feed(Dribble(data, piece))
    records = []
    while not feed.is_at_end():
        records.append(reader(feed))
    return records


@pytest.mark.parametrize(
    ("text", "data", "records"),
    [
        (r"%v\n", b"a\n\nb", [Outgoing(None, b"a"), Outgoing(None, b""), Outgoing(None, b"b")]),
        (r"%k %v\n", b"k v w\nk2 \n", [Outgoing(b"k", b"v w"), Outgoing(b"k2", b"")]),
        ("%v", b"all\nof it", [Outgoing(None, b"all\nof it")]),
        ("%K{4}%V{4}%k%v", b"00010002kvv00000000", [Outgoing(b"k", b"vv"), Outgoing(b"", b"")]),
        (r"%K %k%V %s;", b"-1 -1 ;1 k2 vv", [Outgoing(None, None), Outgoing(b"k", b"vv")]),
        (r"%p/%d:%v{hex}\n", b"3/99:6162\n", [Outgoing(None, b"ab", (), 3, 99)]),
        (r"%T %v\n", b"-1 v\n", [Outgoing(None, b"v", (), None, -1)]),
        (r"%v{base64} %k{base64raw}\n", b"YQ== YQ\n", [Outgoing(b"a", b"a")]),
        (r"%v %H%h{ %k=%v,}\n", b"v 2 a=1, b=,\n", [Outgoing(None, b"v", (("a", b"1"), ("b", b"")))]),
        (r"<%v>\n", b"<a>\n<b>", [Outgoing(None, b"a"), Outgoing(None, b"b")]),
        ("%R%s", b"\0\0\0\1a\xff\xff\xff\xff", [Outgoing(None, b"a"), Outgoing(None, None)]),
    ],
)
def test_what_is_read(text, data, records):
    assert read(text, data) == records
    assert read(text, data, piece=1) == records


@pytest.mark.parametrize(
    ("text", "data", "reason"),
    [
        (r"<%v>\n", b"a>\n", "b'<' was expected"),
        (r"%p %v\n", b"x 1\n", "a number was expected"),
        ("%V{4}%v", b"00x1a", "is no number"),
        ("%V{4}%v", b"0004a", "ends 3 bytes too early"),
        (r"%k,%v\n", b"only", "ends before b','"),
        (r"%v{hex}\n", b"zz\n", "cannot be decoded"),
        ("%H{1}%h{%K{1}%k}", b"11\xff", "has to be UTF-8"),
        ("%V{big64}%v", b"\x10" + bytes(7), "more than the limit"),
    ],
)
def test_input_that_does_not_fit(text, data, reason):
    with pytest.raises(InputError, match=reason):
        read(text, data)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("", 1, "needs a field"),
        ("abc", 1, "needs a field"),
        ("%k%v", 1, "nothing says where %k ends: put a literal behind it, or %K before it"),
        ("%z", 1, "there is no field %z"),
        ("%t %v", 1, "the topic is an argument"),
        ("%K%K%k", 3, "told twice"),
        (r"%h{%k}\n", 1, "put %H before %h"),
        (r"%H%h\n", 3, "how a header is written"),
        ("%H%h{%k}", 6, "nothing says where %k ends"),
        ("%H%h{%p }", 6, "there is no %p in a header"),
        ("%V{wide}%v", 4, "not read as wide"),
        (r"%v{unpack[I]}\n", 11, "not read as unpack"),
    ],
)
def test_formats_that_cannot_be_read(text, position, reason):
    with pytest.raises(FormatError) as caught:
        record_reader(text)
    assert reason in caught.value.reason
    assert caught.value.position == position


@given(st.lists(messages, max_size=4), st.integers(1, 50))
def test_what_was_written_with_lengths_is_read_without_loss(records, piece):
    data = b"".join(map(record_writer(BINARY), records))
    assert read(BINARY, data, piece) == [outgoing(record) for record in records]


def test_reading_goes_on_where_the_stream_is():
    feed = Feed(io.BytesIO(b"a\nrest"))
    record_reader(r"%v\n")(feed)
    assert feed.rest() == b"rest"
