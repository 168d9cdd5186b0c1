"""Groups of the consumer protocol are kept as Kafka keeps them."""

from __future__ import annotations

from cordwood.coordinator.stored.codec import decode, encode
from cordwood.groups.consumer import records
from cordwood.groups.consumer.member import MemberMetadata, MemberState
from cordwood.model.ids import TopicId

ID = TopicId(b"i" * 16)


def test_the_bytes_of_an_epoch():
    assert encode(records.EpochStored("g", 7)) == (b"\0\3\0\1g", b"\0\0\0\0\0\7\0")


def test_the_bytes_of_a_target():
    key, value = encode(records.TargetStored("g", "m", frozenset({(ID, 2), (ID, 0)})))
    assert key == b"\0\7\0\1g\0\1m"
    assert value == b"\0\0" + b"\2" + b"i" * 16 + b"\3" + b"\0\0\0\0" + b"\0\0\0\2" + b"\0\0"


def test_a_member_without_a_regular_expression():
    record = records.MemberStored("g", "m", MemberMetadata(topics=frozenset({"orders"})))
    assert decode(*encode(record)) == record


def test_a_state_of_a_later_kafka_is_unknown_and_not_an_error():
    key, value = encode(records.CurrentStored("g", "m", 1, 0, MemberState.STABLE, frozenset(), frozenset()))
    assert value is not None
    found = decode(key, value[:10] + b"\x09" + value[11:])
    assert isinstance(found, records.CurrentStored)
    assert found.state is MemberState.UNKNOWN
