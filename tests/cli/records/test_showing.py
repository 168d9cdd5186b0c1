"""Records on standard output, literally."""

from __future__ import annotations

import json

import msgspec
import pytest

from cordwood.cli.records.formats.scanning import FormatError
from cordwood.cli.records.json_record import Decoder
from cordwood.cli.records.showing import Formatted, JsonArray, JsonLines, RecordTable, Yaml, form_of
from cordwood.cli.terminal.output import Output
from tests.cli.records.kit import message


def shown(form, *batches):
    return b"".join([form.begin(), *map(form.records, batches), form.end()]).decode()


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


def test_json_lines():
    form = JsonLines(Decoder.TEXT, Decoder.TEXT)
    lines = shown(form, [message(), message(offset=8)], [message(offset=9)]).splitlines()
    assert [json.loads(line)["offset"] for line in lines] == [7, 8, 9]


def test_one_array():
    text = shown(JsonArray(Decoder.TEXT, Decoder.TEXT), [message(), message(offset=8)], [], [message(offset=9)])
    assert [record["offset"] for record in json.loads(text)] == [7, 8, 9]
    assert len(text.splitlines()) == 5


def test_an_array_of_nothing():
    assert shown(JsonArray(Decoder.TEXT, Decoder.TEXT), []) == "[]\n"


def test_yaml():
    text = shown(Yaml(Decoder.TEXT, Decoder.JSON), [message(b'{"a": 1}')], [message(b"\xff", offset=8)])
    first, second = msgspec.yaml.decode(text)
    assert (first["value"], second["value_base64"]) == ({"a": 1}, "/w==")
    assert shown(Yaml(Decoder.TEXT, Decoder.TEXT)) == "[]\n"


def test_a_format_string_adds_nothing():
    assert shown(Formatted(r"%o,"), [message(), message(offset=8)]) == "7,8,"
    with pytest.raises(FormatError):
        Formatted("%")


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
