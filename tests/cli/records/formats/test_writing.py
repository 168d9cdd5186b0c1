"""Records by format strings."""

from __future__ import annotations

import pytest
from hypothesis import given

from cordwood.cli.records.formats.scanning import FormatError
from cordwood.cli.records.formats.writing import Formatted, record_writer
from tests.cli.records.kit import message, messages

HEADERS = [("a", b"1"), ("a", None), ("b", b"\xff")]


def written(text, **fields):
    return record_writer(text)(message(**fields))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"%t [%p] at %o: %k = %s\n", b"orders [1] at 7: key = value\n"),
        ("%v", b"value"),
        ("%k%v", b"keyvalue"),
        ("100%%", b"100%"),
        ("%K %S %V %H %e", b"3 5 5 3 3"),
        ("%R%s", b"\0\0\0\5value"),
        ("%K{big16}%k", b"\0\3key"),
        ("%T %d", b"1700000000123 1700000000123"),
        ("%d{strftime[%F %T]}", b"2023-11-14 22:13:20"),
        ("%d{hex64}", b"0000018bcfe5687b"),
        ("%h", b"a=1,a=NULL,b=\xff"),
        ("%H{byte}%h{ %K%k=%V%v{hex} }", b"\3 1a=131  1a=-1  1b=1ff "),
        ("%h{%%%k%}}", b"%a}%a}%b}"),
        ("%v{hex} %k{base64} %t{base64raw}", b"76616c7565 a2V5 b3JkZXJz"),
        ("%v{unpack[>Hs]}", b"30305lue"),
        ("%a{timestamp-type} %a{timestamp-type;big16}", b"0 \0\0"),
        ("ü\\xff", "ü".encode() + b"\xff"),
        ("", b""),
    ],
)
def test_what_is_written(text, shown):
    assert written(text, headers=HEADERS) == shown


def test_null_and_empty_have_different_lengths():
    assert written("%K %V [%k%v]", key=None, value=None) == b"-1 -1 []"
    assert written("%K %V [%k%v]", key=b"", value=b"") == b"0 0 []"
    assert written("%R", value=None) == b"\xff\xff\xff\xff"


def test_what_is_not_known_is_minus_one():
    assert written("%T %e", timestamp=(0, 0), leader_epoch=-1) == b"-1 -1"


def test_a_time_beyond_the_calendar_stays_a_number():
    assert written("%d{strftime[%F]}", timestamp=(1, 10**15)) == b"1000000000000000"


def test_records_are_counted_from_one():
    write = record_writer("%i{hex8} ")
    assert b"".join(write(message()) for _ in range(3)) == b"01 02 03 "


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("%v %z", 4, "there is no field %z"),
        ("%x", 1, "librdkafka does not tell"),
        ("%]", 1, "cordwood topic offsets"),
        ("%p{wide}", 4, "not written as wide"),
        ("%h{%k%t}", 6, "there is no field %t"),
        ("%h{%v{bad}}", 7, "not written as bad"),
        ("%R{big16}", 4, "takes no braces"),
        ("%d{go[2006]}", 7, "layouts of Go"),
        ("%d{strftime}", 4, "wants a format"),
        ("%a", 1, "which attribute"),
        ("%a{compression}", 4, "only timestamp-type"),
        ("%a{timestamp-type;wide}", 19, "not written as wide"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, position, reason):
    with pytest.raises(FormatError) as caught:
        record_writer(text)
    assert reason in caught.value.reason
    assert caught.value.position == position


@given(messages)
def test_no_byte_is_changed(record):
    assert record_writer("<%k|%v>%%")(record) == b"<%b|%b>%%" % (record.key() or b"", record.value() or b"")


def test_a_format_string_adds_nothing():
    form = Formatted(r"%o,")
    assert form.begin() + form.some([message(), message(offset=8)]) + form.end() == b"7,8,"
