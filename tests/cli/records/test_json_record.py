"""Records as JSON, without loss."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.records.input.feed import InputError
from cordwood.cli.records.json_record import Decoder, read_record, record_line
from cordwood.cli.records.message import Outgoing
from tests.cli.records.kit import message, messages, outgoing


def line(record, key=Decoder.TEXT, value=Decoder.TEXT):
    return msgspec.json.encode(record_line(key, value)(record))


def test_the_fields_and_their_order():
    assert line(message(headers=[("a", b"1"), ("a", None), ("b", b"\xff")])).decode() == (
        '{"topic":"orders","partition":1,"offset":7,"timestamp_ms":1700000000123,"timestamp_type":"create",'
        '"leader_epoch":3,"key":"key","value":"value",'
        '"headers":[{"key":"a","value":"1"},{"key":"a","value":null},{"key":"b","value_base64":"/w=="}]}'
    )


def test_what_is_not_known_is_null():
    read = json.loads(line(message(timestamp=(0, 0), leader_epoch=-1, key=None, value=None)))
    assert (read["timestamp_ms"], read["timestamp_type"], read["leader_epoch"]) == (None, None, None)
    assert (read["key"], read["value"], read["headers"]) == (None, None, [])
    assert json.loads(line(message(timestamp=(2, 5))))["timestamp_type"] == "log_append"


@pytest.mark.parametrize(
    ("decoder", "value", "fields"),
    [
        (Decoder.TEXT, b"", {"value": ""}),
        (Decoder.TEXT, b"\xff", {"value_base64": "/w=="}),
        (Decoder.HEX, b"a", {"value_hex": "61"}),
        (Decoder.HEX, None, {"value": None}),
        (Decoder.BASE64, b"a", {"value_base64": "YQ=="}),
        (Decoder.BASE64, b"", {"value_base64": ""}),
        (Decoder.BASE64, None, {"value": None}),
        (Decoder.JSON, b' {"a":\n1}\n', {"value": {"a": 1}}),
        (Decoder.JSON, b"[1, 2]", {"value": [1, 2]}),
        (Decoder.JSON, b"1.50", {"value": 1.5}),
        (Decoder.JSON, b'"text"', {"value": '"text"'}),
        (Decoder.JSON, b"null", {"value": "null"}),
        (Decoder.JSON, b"{broken", {"value": "{broken"}),
        (Decoder.JSON, b'"\xff"', {"value_base64": "Iv8i"}),
        (Decoder.JSON, b'["\xff"]', {"value_base64": "WyL/Il0="}),
        (Decoder.JSON, b"[" * 5000, {"value": "[" * 5000}),
        (Decoder.JSON, None, {"value": None}),
    ],
)
def test_how_a_value_is_shown(decoder, value, fields):
    shown = json.loads(line(message(value), value=decoder))
    assert {name: content for name, content in shown.items() if name.startswith("value")} == fields


@given(messages, st.sampled_from([Decoder.TEXT, Decoder.HEX, Decoder.BASE64]))
def test_every_record_comes_back(record, decoder):
    encoded = line(record, decoder, decoder)
    assert b"\n" not in encoded
    assert read_record(encoded) == outgoing(record)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=8)


@given(JSON, st.sampled_from([None, (",", ":")]))
def test_json_on_one_line_comes_back_byte_by_byte(value, separators):
    record = message(json.dumps(value, separators=separators).encode())
    encoded = line(record, value=Decoder.JSON)
    assert b"\n" not in encoded
    assert read_record(encoded) == outgoing(record)


@given(st.binary(max_size=30))
def test_what_is_no_json_comes_back_too(value):
    record = message(value.strip())
    assert read_record(line(record, value=Decoder.JSON)).value is not None


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ('{"value":"a"}', Outgoing(None, b"a")),
        ('{"key":12,"value":{"a": [1,  2]}}', Outgoing(b"12", b'{"a": [1,  2]}')),
        ('{"value":null,"headers":null}', Outgoing(None, None)),
        ('{"value_hex":"61 62","key_base64":""}', Outgoing(b"", b"ab")),
        ('{"value":"","timestamp_ms":null,"partition":null}', Outgoing(None, b"")),
        ('{"value":"","timestamp_ms":5,"partition":0}', Outgoing(None, b"", (), 0, 5)),
        ('{"value":"\\ud83d\\ude00"}', Outgoing(None, "😀".encode())),
    ],
)
def test_what_people_write(text, record):
    assert read_record(text.encode()) == record


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "this is no record"),
        ("[]", "this is no record"),
        ("{}", 'needs a "value", which is null for a tombstone'),
        ('{"value":"a","payload":1}', "unknown field `payload`"),
        ('{"value":"a","value_hex":"61"}', 'only one of "value", "value_base64" and "value_hex"'),
        ('{"value_base64":"?"}', '"value_base64" is no base64'),
        ('{"value_hex":"6"}', '"value_hex" is no hexadecimal'),
        ('{"value":"a","headers":[{"key":"h"}]}', "the header 'h' needs a"),
        ('{"value":"a","headers":[{"key":"h","value":null,"value_base64":""}]}', "the header 'h' has both"),
        ('{"value":"a","headers":[{"key":"h","value_base64":"?"}]}', "is no base64"),
        ('{"value":"a","timestamp_ms":"now"}', "timestamp_ms"),
        ('{"value":"\\ud800"}', "this is no record"),
        ('{"value_base64":"ü"}', "is no base64"),
    ],
)
def test_what_is_no_record(text, reason):
    with pytest.raises(InputError, match=reason):
        read_record(text.encode())
