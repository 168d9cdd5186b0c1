"""AlterPartitionReassignments and ListPartitionReassignments, on a broker whose partitions cannot move."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.model.consensus_errors import NoQuorum
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from cordwood.wire.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsTopics,
)
from tests.raw_client import RawClient

IMPOSSIBLE = ErrorCode.INVALID_REPLICA_ASSIGNMENT


def reassign(
    client: RawClient, topic: str, *wanted: tuple[int, list[int] | None], version: int = 1, **more: Any
) -> Any:
    topics = [ReassignableTopic(topic, [ReassignablePartition(*item) for item in wanted])]
    return client.ask(AlterPartitionReassignmentsRequest(5_000, topics=topics, **more), version)


@pytest.mark.parametrize(
    ("partition", "replicas", "code"),
    [
        (0, [1], ErrorCode.NONE),
        (0, None, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS),
        (0, [7], IMPOSSIBLE),
        (0, [1, 7], IMPOSSIBLE),
        (0, [1, 1], IMPOSSIBLE),
        (0, [], IMPOSSIBLE),
        (0, [-1], IMPOSSIBLE),
        (9, [1], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (-1, None, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
@pytest.mark.parametrize("version", [0, 1])
def test_what_a_partition_can_be_moved_to(
    client: RawClient, topic: str, version: int, partition: int, replicas: list[int] | None, code: ErrorCode
) -> None:
    answer = reassign(client, topic, (partition, replicas), version=version)
    assert answer.error_code == 0
    (found,) = answer.responses
    (result,) = found.partitions
    assert (found.name, result.partition_index, result.error_code) == (topic, partition, code)
    assert bool(result.error_message) == bool(code)


def test_topics_that_there_are_not(client: RawClient) -> None:
    for name in ("nowhere", "a b", ""):
        (found,) = reassign(client, name, (0, [1])).responses
        assert found.partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_what_was_allowed_is_told_again(client: RawClient, topic: str) -> None:
    answer = reassign(client, topic, (0, [1]), (1, [1]), allow_replication_factor_change=False)
    assert not answer.allow_replication_factor_change
    assert [one.error_code for one in answer.responses[0].partitions] == [0, 0]


def test_nothing_wanted_is_nothing_done(client: RawClient) -> None:
    answer = client.ask(AlterPartitionReassignmentsRequest(5_000), 1)
    assert (answer.error_code, answer.responses) == (0, [])


def test_without_a_quorum_it_is_tried_again(
    server: Server, client: RawClient, monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    async def nobody_answers(decide: object, timeout_s: float) -> None:
        raise NoQuorum(timeout_s, "no leader")

    monkeypatch.setattr(server.node.controller, "propose", nobody_answers)
    answer = reassign(client, topic, (0, [1]))
    assert (answer.error_code, answer.responses) == (ErrorCode.REQUEST_TIMED_OUT, [])
    assert "no majority" in answer.error_message


def test_no_partition_is_on_the_move(client: RawClient, topic: str) -> None:
    asked = [ListPartitionReassignmentsTopics(topic, [0, 9]), ListPartitionReassignmentsTopics("nowhere", [0])]
    for topics in (None, [], asked):
        answer = client.ask(ListPartitionReassignmentsRequest(5_000, topics), 0)
        assert (answer.error_code, answer.error_message, answer.topics) == (0, None, [])
