"""ElectLeaders: where every partition has one replica, there is little to elect."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.model.consensus_errors import NoQuorum
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from tests.raw_client import RawClient

NOT_NEEDED, UNKNOWN = ErrorCode.ELECTION_NOT_NEEDED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
INVALID = ErrorCode.INVALID_REQUEST


def elect(client: RawClient, kind: int, *asked: tuple[str, list[int]], version: int = 2) -> Any:
    topics = [TopicPartitions(topic, partitions) for topic, partitions in asked]
    return client.ask(ElectLeadersRequest(kind, topics, 5_000), version)


def codes(answer: Any) -> list[tuple[str, int, int]]:
    results = answer.replica_election_results
    return [(topic.topic, one.partition_id, one.error_code) for topic in results for one in topic.partition_result]


@pytest.mark.parametrize("version", range(3))
def test_the_preferred_leader_leads_already(client: RawClient, topic: str, version: int) -> None:
    answer = elect(client, 0, (topic, [0, 1]), version=version)
    assert (answer.error_code, codes(answer)) == (0, [(topic, 0, NOT_NEEDED), (topic, 1, NOT_NEEDED)])


@pytest.mark.parametrize(
    ("kind", "partitions", "code", "told"),
    [
        (0, [0, 0], 0, [NOT_NEEDED, NOT_NEEDED]),
        (0, [], 0, []),
        (0, [9, -1], 0, [UNKNOWN, UNKNOWN]),
        (1, [0], 0, [NOT_NEEDED]),
        (2, [0], INVALID, [INVALID]),
        (-1, [0, 9], INVALID, [INVALID, INVALID]),
    ],
)
def test_what_is_answered(
    client: RawClient, topic: str, kind: int, partitions: list[int], code: int, told: list[int]
) -> None:
    answer = elect(client, kind, (topic, partitions))
    assert answer.error_code == code
    assert [one for _, _, one in codes(answer)] == told


@pytest.mark.parametrize("name", ["nowhere", "a b", ""])
def test_topics_that_there_are_not(client: RawClient, name: str) -> None:
    assert codes(elect(client, 0, (name, [0]))) == [(name, 0, UNKNOWN)]


@pytest.mark.parametrize("kind", [0, 1])
def test_of_all_partitions_those_are_told_that_needed_it(client: RawClient, topic: str, kind: int) -> None:
    answer = client.ask(ElectLeadersRequest(kind, None, 5_000), 2)
    assert (answer.error_code, codes(answer)) == (0, [])


def test_without_a_quorum_it_is_tried_again(
    server: Server, client: RawClient, monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    async def nobody_answers(decide: object, timeout_s: float) -> None:
        raise NoQuorum(timeout_s, "no leader")

    monkeypatch.setattr(server.node.controller, "propose", nobody_answers)
    answer = elect(client, 0, (topic, [0]))
    assert answer.error_code == ErrorCode.REQUEST_TIMED_OUT
    assert codes(answer) == [(topic, 0, ErrorCode.REQUEST_TIMED_OUT)]
