"""Offsets are kept in the bytes that Kafka writes."""

from __future__ import annotations

from cordwood.coordinator.stored.codec import decode, encode
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.model.ids import TopicId

KEY = b"\0\1" + b"\0\1g" + b"\0\6orders" + b"\0\0\0\3"


def test_an_offset_is_of_version_3():
    key, value = encode(OffsetCommitted("g", "orders", 3, 5, 2, "note", 9))
    assert key == KEY
    assert value == b"\0\3" + (5).to_bytes(8, "big") + (2).to_bytes(4, "big") + b"\0\4note" + (9).to_bytes(8, "big")


def test_an_offset_with_an_end_is_of_version_1():
    _, value = encode(OffsetCommitted("g", "orders", 3, 5, 2, "", 9, 10))
    assert value == b"\0\1" + (5).to_bytes(8, "big") + b"\0\0" + (9).to_bytes(8, "big") + (10).to_bytes(8, "big")


def test_a_removal_has_no_value():
    assert encode(OffsetRemoved("g", "orders", 3)) == (KEY, None)


def test_what_kafka_wrote_with_a_topic_id_is_read():
    value = b"\0\4" + (5).to_bytes(8, "big") + b"\xff" * 4 + b"\1" + (9).to_bytes(8, "big") + b"\1\0\x10" + b"i" * 16
    assert decode(KEY, value) == OffsetCommitted("g", "orders", 3, 5, -1, "", 9, -1, TopicId(b"i" * 16))


def test_names_are_shared():
    value = encode(OffsetCommitted("g", "orders", 3, 5))[1]
    one, two = decode(KEY, value), decode(KEY, value)
    assert isinstance(one, OffsetCommitted)
    assert isinstance(two, OffsetCommitted)
    assert one.topic is two.topic
