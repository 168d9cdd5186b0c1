"""Offsets in a transaction: who may commit them, from when on they count, and what readers are told until then."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from tests.broker.handlers.by_hand import HandProducer
from tests.broker.handlers.members import member_of
from tests.raw_client import RawClient


@pytest.fixture
def producer(client: RawClient, request: pytest.FixtureRequest) -> HandProducer:
    """A producer with a transactional id of the test's own."""
    made = HandProducer(client, f"id of {request.node.name}")
    assert made.begin().error_code == 0
    return made


def fetched(client: RawClient, group: str, topic: str, *, stable: bool = True) -> tuple[int, int]:
    """The committed offset of partition 0, and the error."""
    wanted = OffsetFetchRequestTopics(name=topic, partition_indexes=[0])
    request = OffsetFetchRequest(
        groups=[OffsetFetchRequestGroup(group_id=group, topics=[wanted])], require_stable=stable
    )
    one = client.ask(request, 9).groups[0].topics[0].partitions[0]
    return one.committed_offset, one.error_code


@pytest.mark.parametrize("version", range(6))
def test_offsets_count_when_the_transaction_is_committed(
    client: RawClient, group: str, topic: str, producer: HandProducer, version: int
) -> None:
    end_version = 5 if version >= 5 else 3
    if version < 5:
        assert producer.add_offsets(group) == 0
    assert producer.commit_offset(group, topic, 5, version=version) == 0
    assert fetched(client, group, topic) == (-1, ErrorCode.UNSTABLE_OFFSET_COMMIT)
    assert fetched(client, group, topic, stable=False) == (-1, 0)
    assert producer.end(commit=True, version=end_version) == 0
    settle(producer, topic, end_version)
    assert fetched(client, group, topic) == (5, 0)


def settle(producer: HandProducer, topic: str, end_version: int) -> None:
    """Returns when the markers of the last transaction are written: another one can begin then."""
    if end_version >= 5:
        assert producer.produce(topic, [b"next"], partition=1, version=12).error_code == 0
    else:
        assert producer.add(topic, 1) == [0]


def test_offsets_of_an_aborted_transaction_never_counted(
    client: RawClient, group: str, topic: str, producer: HandProducer
) -> None:
    producer.commit_offset(group, topic, 3, version=5)
    producer.end(commit=True, version=5)
    producer.commit_offset(group, topic, 9, version=5)
    producer.end(commit=False, version=5)
    settle(producer, topic, 5)
    assert fetched(client, group, topic) == (3, 0)


@pytest.mark.parametrize(
    ("version", "code"),
    [(3, ErrorCode.INVALID_TXN_STATE), (4, ErrorCode.TRANSACTION_ABORTABLE), (5, ErrorCode.NONE)],
)
def test_a_group_that_is_not_in_the_transaction(
    group: str, topic: str, producer: HandProducer, version: int, code: ErrorCode
) -> None:
    assert producer.add(topic, 0) == [0]
    assert producer.commit_offset(group, topic, 1, version=version) == code


def test_a_fenced_producer_commits_nothing(client: RawClient, group: str, topic: str, producer: HandProducer) -> None:
    producer.add_offsets(group)
    newer = HandProducer(client, producer.id)
    assert newer.begin().error_code == 0
    for version in (3, 5):
        assert producer.commit_offset(group, topic, 7, version=version) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert newer.commit_offset(group, topic, 8, version=5) == 0


def test_whoever_has_no_id_commits_nothing(
    server: Server, client: RawClient, group: str, topic: str, producer: HandProducer
) -> None:
    producer.producer_id = -1
    partition = server.node.partitions.get(("__consumer_offsets", server.node.groups.partition_for(group)))
    assert partition is not None
    held = len(partition.verifications)
    assert producer.commit_offset(group, topic, 7, version=5) == ErrorCode.INVALID_PRODUCER_ID_MAPPING
    assert fetched(client, group, topic) == (-1, 0)
    assert len(partition.verifications) == held, "nothing is remembered of it"


def member_fields(joined: Any, **changes: Any) -> dict[str, Any]:
    return {"member_id": joined.member_id, "generation_id": joined.generation_id, **changes}


def test_members_commit_in_their_own_generation(
    client: RawClient, group: str, topic: str, producer: HandProducer
) -> None:
    joined = member_of(client, group)
    commit = producer.commit_offset
    stale = member_fields(joined, generation_id=joined.generation_id + 1)
    stranger = member_fields(joined, member_id="nobody")
    assert commit(group, topic, 1, version=5, **stale) == ErrorCode.ILLEGAL_GENERATION
    assert commit(group, topic, 1, version=5, **stranger) == ErrorCode.UNKNOWN_MEMBER_ID
    assert commit(group, topic, 4, version=5, **member_fields(joined)) == 0
    assert commit("no such group", topic, 1, version=5, generation_id=3) == ErrorCode.ILLEGAL_GENERATION
    assert commit("", topic, 1, version=5) == ErrorCode.INVALID_GROUP_ID
    producer.end(commit=True, version=5)
    settle(producer, topic, 5)
    assert fetched(client, group, topic) == (4, 0)


def test_partitions_that_are_not_there(group: str, topic: str, producer: HandProducer) -> None:
    assert producer.commit_offset(group, topic, 1, partition=9) == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert producer.commit_offset(group, "nowhere", 1) == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_two_commits_of_one_transaction(client: RawClient, group: str, topic: str, producer: HandProducer) -> None:
    assert producer.commit_offset(group, topic, 1, version=5) == 0
    assert producer.commit_offset(group, topic, 2, version=5) == 0
    producer.end(commit=True, version=5)
    settle(producer, topic, 5)
    assert fetched(client, group, topic) == (2, 0)
