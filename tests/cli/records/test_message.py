"""The shapes of records."""

from __future__ import annotations

from cordwood.cli.records.message import TIMESTAMP_TYPES, Message, Outgoing
from tests.cli.records.kit import message


def test_the_client_hands_out_what_is_shown():
    names = [name for name in vars(Message) if not name.startswith("_")]
    record = message(headers=[("a", None)])
    assert {name: getattr(record, name)() for name in names} == {
        "topic": "orders",
        "partition": 1,
        "offset": 7,
        "timestamp": (1, 1_700_000_000_123),
        "leader_epoch": 3,
        "key": b"key",
        "value": b"value",
        "headers": [("a", None)],
    }


def test_what_is_not_told_is_left_to_the_client():
    record = Outgoing(None, b"")
    assert (record.headers, record.partition, record.timestamp_ms) == ((), None, None)


def test_types_of_timestamps():
    assert TIMESTAMP_TYPES == {1: "create", 2: "log_append"}
