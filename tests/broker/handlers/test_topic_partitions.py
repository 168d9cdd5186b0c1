"""DescribeTopicPartitions: pages and cursors, as Apache Kafka 4.3 answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.describe_topic_partitions import Cursor, DescribeTopicPartitionsRequest, TopicRequest
from tests.raw_client import RawClient

TOPICS = {"a": 3, "c": 2, "d": 1}
LIMIT = 4


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with (
        Server(settings={"max.request.partition.size.limit": str(LIMIT)}) as running,
        RawClient(running.port) as client,
    ):
        topics = [CreatableTopic(name=name, num_partitions=n, replication_factor=1) for name, n in TOPICS.items()]
        client.ask(CreateTopicsRequest(topics=topics), 7)
        yield running


def describe(client: RawClient, *names: str, limit: int = 2_000, cursor: tuple[str, int] | None = None) -> Any:
    topics = [TopicRequest(name) for name in names]
    begin = None if cursor is None else Cursor(*cursor)
    return client.ask(DescribeTopicPartitionsRequest(topics, limit, begin), 0)


def page(answer: Any) -> tuple[list[tuple[str, list[int]]], tuple[str, int] | None]:
    found = [(topic.name, [partition.partition_index for partition in topic.partitions]) for topic in answer.topics]
    following = answer.next_cursor
    return found, None if following is None else (following.topic_name, following.partition_index)


@pytest.mark.parametrize(
    ("names", "limit", "cursor", "topics", "following"),
    [
        ("ca", 3, None, [("a", [0, 1, 2])], ("c", 0)),
        ("cac", 9, None, [("a", [0, 1, 2]), ("c", [0])], ("c", 1)),
        ("ac", 2, None, [("a", [0, 1])], ("a", 2)),
        ("ac", 0, None, [("a", [0])], ("a", 1)),
        ("ac", -1, None, [("a", [0])], ("a", 1)),
        ("ac", 9, ("a", 2), [("a", [2]), ("c", [0, 1])], None),
        ("ac", 9, ("a", 3), [("a", []), ("c", [0, 1])], None),
        ("ac", 9, ("a", 99), [("a", []), ("c", [0, 1])], None),
        ("ac", 9, ("c", 1), [("c", [1])], None),
        ("bc", 9, ("b", 7), [("b", []), ("c", [0, 1])], None),
        ("dx", 1, None, [("d", [0])], ("x", 0)),
        ("xd", 1, None, [("d", [0])], ("x", 0)),
        ("", 2, None, [("a", [0, 1])], ("a", 2)),
        ("", 9, None, [("a", [0, 1, 2]), ("c", [0])], ("c", 1)),
        ("", 9, ("b", 1), [("c", [0, 1]), ("d", [0])], None),
        ("", 9, ("", 0), [("a", [0, 1, 2]), ("c", [0])], ("c", 1)),
        ("", 9, ("x", 1), [], None),
        ("", 9, ("a", -1), [], None),
    ],
)
def test_a_page(
    client: RawClient,
    names: str,
    limit: int,
    cursor: tuple[str, int] | None,
    topics: list[Any],
    following: tuple[str, int] | None,
) -> None:
    assert page(describe(client, *names, limit=limit, cursor=cursor)) == (topics, following)


@pytest.mark.parametrize("cursor", [("b", 0), ("d", 0), ("a", -1)])
def test_a_cursor_has_to_be_at_a_topic_that_is_asked_for(client: RawClient, cursor: tuple[str, int]) -> None:
    answer = describe(client, "c", "a", cursor=cursor)
    assert [(topic.name, topic.error_code) for topic in answer.topics] == [
        ("c", ErrorCode.INVALID_REQUEST),
        ("a", ErrorCode.INVALID_REQUEST),
    ]
    assert answer.next_cursor is None


def test_what_is_told_of_a_partition(client: RawClient) -> None:
    (topic,) = describe(client, "d").topics
    (partition,) = topic.partitions
    assert (topic.error_code, topic.is_internal, topic.topic_id != bytes(16)) == (0, False, True)
    assert topic.topic_authorized_operations == 3576
    assert (partition.error_code, partition.leader_id, partition.leader_epoch) == (0, 1, 0)
    assert (partition.replica_nodes, partition.isr_nodes, partition.offline_replicas) == ([1], [1], [])
    assert (partition.eligible_leader_replicas, partition.last_known_elr) == ([], [])


def test_topics_that_there_are_not(client: RawClient) -> None:
    answer = describe(client, "nowhere", "a b")
    assert [(topic.name, topic.error_code, topic.partitions) for topic in answer.topics] == [
        ("a b", ErrorCode.INVALID_TOPIC_EXCEPTION, []),
        ("nowhere", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, []),
    ]
