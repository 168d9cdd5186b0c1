"""Records on standard output, literally."""

from __future__ import annotations

import pytest

from cordwood.cli.records.json_record import Decoder
from cordwood.cli.records.showing import RecordTable, form_of
from cordwood.cli.records.streams import JsonArray, JsonLines, Yaml
from cordwood.cli.terminal.output import Output
from tests.cli.records.kit import message


def shown(form, *batches):
    return b"".join([form.begin(), *map(form.some, batches), form.end()]).decode()


def table(*records, value=Decoder.TEXT, shows_topic=False):
    return shown(RecordTable(Decoder.TEXT, value, shows_topic=shows_topic), records).splitlines()


def test_the_table():
    assert table(
        message(),
        message(None, None, timestamp=(0, 0), offset=123_456_789),
        message(b"", b"a key that is rather long", headers=[("a", b"1"), ("b", None)]),
    ) == [
        "PARTITION    OFFSET  TIMESTAMP                 KEY               VALUE  HEADERS",
        "        1         7  2023-11-14T22:13:20.123Z  key               value",
        "        1  123456789  -                         -                 -",
        "        1         7  2023-11-14T22:13:20.123Z  a key that is rather long    a=1,b=-",
    ]


def test_the_topic_where_there_are_several():
    assert table(message(), shows_topic=True) == [
        "TOPIC             PARTITION    OFFSET  TIMESTAMP                 KEY               VALUE  HEADERS",
        "orders                    1         7  2023-11-14T22:13:20.123Z  key               value",
    ]


@pytest.mark.parametrize(
    ("decoder", "value", "cell"),
    [
        (Decoder.TEXT, b"two\nlines\tand \x1b[31mred", r"two\nlines\tand \x1b[31mred"),
        (Decoder.TEXT, b"\xffbinary\x00", r"\xffbinary\x00"),
        (Decoder.TEXT, "grün 😀".encode(), "grün 😀"),
        (Decoder.HEX, b"\xff\0", "ff00"),
        (Decoder.BASE64, b"\xff\0", "/wA="),
        (Decoder.JSON, b'{"a":\n1}', '{"a":1}'),
        (Decoder.JSON, b"text", "text"),
        (Decoder.JSON, b"\xff", "/w=="),
        (Decoder.HEX, None, "-"),
    ],
)
def test_cells_are_one_line_that_no_terminal_obeys(decoder, value, cell):
    assert table(message(value), value=decoder)[1].endswith(f"  key               {cell}")


def test_a_time_beyond_the_calendar():
    assert "  1000000000000000  " in table(message(timestamp=(1, 10**15)))[1]


@pytest.mark.parametrize(
    ("output", "form"),
    [
        (Output.TABLE, RecordTable),
        (Output.JSON, JsonArray),
        (Output.JSONL, JsonLines),
        (Output.YAML, Yaml),
    ],
)
def test_the_form_by_its_name(output, form):
    assert type(form_of(output, Decoder.TEXT, Decoder.TEXT, shows_topic=False)) is form
