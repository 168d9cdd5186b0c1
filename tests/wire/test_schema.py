"""The words in which messages are declared."""

from __future__ import annotations

import pytest

from cordwood.wire.messages.produce import LeaderIdAndEpoch, PartitionProduceResponse, TopicProduceData
from cordwood.wire.schema import LATEST, Kind, Versions, between, nullable, since, tagged, until


def test_versions_hold_both_ends():
    versions = Versions(3, 5)
    assert [version for version in range(8) if versions.holds(version)] == [3, 4, 5]


@pytest.mark.parametrize(("versions", "text"), [(Versions(3, 13), "3-13"), (Versions(0, 0), "0")])
def test_versions_are_written_as_kafka_writes_them(versions, text):
    assert str(versions) == text


def test_the_words_of_the_language():
    assert since(3) == (3, LATEST)
    assert until(12) == (0, 12)
    assert between(8, 10) == (8, 10)
    assert nullable(since=1).versions == (1, LATEST)
    assert tagged(2, since=12) == (2, (12, LATEST))


def test_fixed_kinds_know_their_width():
    assert {kind: kind.size_bytes for kind in Kind if kind.size_bytes is not None} == {
        Kind.BOOL: 1,
        Kind.INT8: 1,
        Kind.INT16: 2,
        Kind.INT32: 4,
        Kind.INT64: 8,
        Kind.UINT16: 2,
        Kind.FLOAT64: 8,
        Kind.UUID: 16,
    }


def test_arrays_are_not_shared_between_messages():
    one = TopicProduceData()
    one.partition_data.append(None)  # type: ignore[arg-type]
    assert TopicProduceData().partition_data == []


def test_a_shared_default_cannot_be_changed():
    leader = PartitionProduceResponse().current_leader
    assert leader is PartitionProduceResponse().current_leader
    with pytest.raises(AttributeError):
        leader.leader_id = 1  # type: ignore[misc]
    assert leader == LeaderIdAndEpoch(-1, -1)
