"""A generation of a classic group is kept in the bytes that Kafka writes."""

from __future__ import annotations

from cordwood.coordinator.stored.codec import decode, encode
from cordwood.groups.classic.records import GroupRemoved, GroupStored, StoredMember


def test_a_group_is_of_version_3():
    key, value = encode(
        GroupStored("g", 1, "consumer", "range", "m", 9, (StoredMember("m", None, "c", "/h", 2, 3, b"s", b"a"),))
    )
    assert key == b"\0\2\0\1g"
    assert value == (
        b"\0\3" + b"\0\x08consumer" + b"\0\0\0\1" + b"\0\5range" + b"\0\1m" + (9).to_bytes(8, "big") + b"\0\0\0\1"
        b"\0\1m" + b"\xff\xff" + b"\0\1c" + b"\0\2/h" + b"\0\0\0\2" + b"\0\0\0\3" + b"\0\0\0\1s" + b"\0\0\0\1a"
    )


def test_a_removal_has_no_value():
    assert encode(GroupRemoved("g")) == (b"\0\2\0\1g", None)


def test_what_an_old_kafka_wrote_is_read():
    value = b"\0\0" + b"\0\x08consumer" + b"\0\0\0\1" + b"\xff\xff" + b"\xff\xff" + b"\0\0\0\0"
    assert decode(b"\0\2\0\1g", value) == GroupStored("g", 1, "consumer")
