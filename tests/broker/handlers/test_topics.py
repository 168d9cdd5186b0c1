"""CreateTopics, DeleteTopics, CreatePartitions."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.controller import TIMEOUT_S
from cordwood.model.consensus_errors import NoQuorum
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from cordwood.wire.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.broker.handlers.messages import fetch, produce
from tests.raw_client import RawClient

_names = (f"created-{number}" for number in range(1_000_000))


def create(client: RawClient, *topics: CreatableTopic, version: int = 7, **more: Any) -> Any:
    return client.ask(CreateTopicsRequest(topics=list(topics), **more), version).topics


def wanted(name: str | None = None, partitions: int = 1, factor: int = 1, **more: Any) -> CreatableTopic:
    return CreatableTopic(
        name=next(_names) if name is None else name, num_partitions=partitions, replication_factor=factor, **more
    )


@pytest.mark.parametrize("version", range(2, 8))
def test_a_topic_is_there_once_it_is_answered(client: RawClient, version: int) -> None:
    topic = wanted(partitions=3)
    (answer,) = create(client, topic, version=version)
    assert (answer.name, answer.error_code) == (topic.name, 0)
    if version >= 5:
        assert (answer.num_partitions, answer.replication_factor) == (3, 1)
        assert {config.name for config in answer.configs} >= {"cleanup.policy", "max.message.bytes"}
    if version >= 7:
        assert answer.topic_id != bytes(16)
    assert [produce(client, topic.name, [b"x"], partition=n).error_code for n in range(3)] == [0, 0, 0]


def test_defaults_by_minus_one(client: RawClient) -> None:
    (answer,) = create(client, wanted(partitions=-1, factor=-1))
    assert (answer.error_code, answer.num_partitions, answer.replication_factor) == (0, 1, 1)


def assigned(*replicas: tuple[int, list[int]], partitions: int = -1, factor: int = -1) -> CreatableTopic:
    """A topic whose brokers the client chose: the number of each partition, and its brokers."""
    return wanted(
        partitions=partitions, factor=factor, assignments=[CreatableReplicaAssignment(*item) for item in replicas]
    )


def configured(setting: str, value: str | None, **more: Any) -> CreatableTopic:
    return wanted(configs=[CreatableTopicConfig(setting, value)], **more)


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        (wanted(""), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (wanted("."), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (wanted(".."), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (wanted("bad name"), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (wanted("ä"), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (wanted("x" * 250), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (wanted("__cluster_metadata"), ErrorCode.INVALID_REQUEST),
        (wanted(partitions=0), ErrorCode.INVALID_PARTITIONS),
        (wanted(partitions=-2), ErrorCode.INVALID_PARTITIONS),
        (wanted(factor=2), ErrorCode.INVALID_REPLICATION_FACTOR),
        (wanted(factor=0), ErrorCode.INVALID_REPLICATION_FACTOR),
        (wanted(factor=-2), ErrorCode.INVALID_REPLICATION_FACTOR),
        (wanted(partitions=0, factor=0), ErrorCode.INVALID_REPLICATION_FACTOR),
        (wanted(partitions=0, factor=2), ErrorCode.INVALID_PARTITIONS),
        (wanted(partitions=10_001), ErrorCode.POLICY_VIOLATION),
        (configured("no.such.thing", "1"), ErrorCode.INVALID_CONFIG),
        (configured("segment.bytes", "many"), ErrorCode.INVALID_CONFIG),
        (configured("segment.bytes", None), ErrorCode.INVALID_CONFIG),
        (configured("no.such.thing", "1", partitions=0), ErrorCode.INVALID_CONFIG),
        (configured("no.such.thing", "1", name="bad name"), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (assigned((0, [1]), partitions=1), ErrorCode.INVALID_REQUEST),
        (assigned((0, [1]), factor=1), ErrorCode.INVALID_REQUEST),
        (assigned((1, [1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((-1, [1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [1]), (2, [1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [1]), (0, [1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [7])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [-1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [1, 1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [1]), (1, [1, 7])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
    ],
)
def test_what_cannot_be(client: RawClient, topic: CreatableTopic, code: ErrorCode) -> None:
    (answer,) = create(client, topic)
    assert ErrorCode(answer.error_code).name == code.name
    assert answer.error_message


def test_a_topic_exists_once(client: RawClient, topic: str) -> None:
    assert create(client, wanted(topic))[0].error_code == ErrorCode.TOPIC_ALREADY_EXISTS


def test_of_names_that_only_differ_in_dots_there_is_one(client: RawClient) -> None:
    assert create(client, wanted("dots.and_lines"))[0].error_code == 0
    assert create(client, wanted("dots_and.lines"))[0].error_code == ErrorCode.INVALID_TOPIC_EXCEPTION


def test_a_name_given_twice_is_answered_once(client: RawClient) -> None:
    answers = create(client, wanted("twice"), wanted("once"), wanted("twice"))
    assert [(one.name, one.error_code) for one in answers] == [("twice", ErrorCode.INVALID_REQUEST), ("once", 0)]


def test_a_longest_name_and_the_internal_ones_can_be_made(client: RawClient) -> None:
    answers = create(client, wanted("x" * 249), wanted("__share_group_state"))
    assert [one.error_code for one in answers] == [0, 0]


def test_validating_makes_nothing(client: RawClient) -> None:
    topic = wanted()
    assert create(client, topic, validate_only=True)[0].error_code == 0
    request = MetadataRequest(topics=[MetadataRequestTopic(name=topic.name)], allow_auto_topic_creation=False)
    assert client.ask(request, 9).topics[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_explicit_assignments(client: RawClient) -> None:
    topic = wanted(partitions=-1, factor=-1, assignments=[CreatableReplicaAssignment(n, [1]) for n in range(2)])
    (answer,) = create(client, topic)
    assert (answer.error_code, answer.num_partitions) == (0, 2)


@pytest.mark.parametrize("version", range(1, 7))
def test_a_deleted_topic_is_gone_with_its_records(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"old"])
    if version < 6:
        request = DeleteTopicsRequest(topic_names=[topic, "nowhere"])
    else:
        request = DeleteTopicsRequest(topics=[DeleteTopicState(name=topic), DeleteTopicState(name="nowhere")])
    answers = client.ask(request, version).responses
    assert [answer.error_code for answer in answers] == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    assert produce(client, topic, [b"x"]).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert create(client, wanted(topic))[0].error_code == 0
    assert fetch(client, topic, 0).high_watermark == 0, "the new topic of the old name is empty"


def test_deleting_by_id(client: RawClient) -> None:
    (answer,) = create(client, wanted())
    states = [DeleteTopicState(topic_id=answer.topic_id), DeleteTopicState(topic_id=b"\x07" * 16)]
    answers = client.ask(DeleteTopicsRequest(topics=states), 6).responses
    assert [(one.name, one.error_code) for one in answers] == [(answer.name, 0), (None, ErrorCode.UNKNOWN_TOPIC_ID)]


@pytest.mark.parametrize(
    ("states", "answers"),
    [
        ([DeleteTopicState(name=None)], [(None, ErrorCode.INVALID_REQUEST)]),
        ([DeleteTopicState(name="x", topic_id=b"\x07" * 16)], [("x", ErrorCode.INVALID_REQUEST)]),
        ([DeleteTopicState(name="no.such")], [("no.such", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]),
        ([DeleteTopicState(name="")], [("", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]),
        ([DeleteTopicState(name="a b")], [("a b", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]),
        ([DeleteTopicState(topic_id=b"\x07" * 16)], [(None, ErrorCode.UNKNOWN_TOPIC_ID)]),
        ([], []),
    ],
)
def test_what_cannot_be_deleted(client: RawClient, states: list[DeleteTopicState], answers: list[Any]) -> None:
    found = client.ask(DeleteTopicsRequest(topics=states), 6).responses
    assert [(one.name, one.error_code) for one in found] == answers


def test_a_topic_is_deleted_once_in_a_request(client: RawClient) -> None:
    (made,) = create(client, wanted("deleted.once"))
    by_name, by_id = DeleteTopicState(name=made.name), DeleteTopicState(topic_id=made.topic_id)
    for states in ([by_name, by_name], [by_id, by_id], [by_name, by_id]):
        (answer,) = client.ask(DeleteTopicsRequest(topics=states), 6).responses
        assert answer.error_code == ErrorCode.INVALID_REQUEST
    assert client.ask(DeleteTopicsRequest(topics=[by_id]), 6).responses[0].error_code == 0


def test_internal_topics_can_be_deleted(client: RawClient) -> None:
    create(client, wanted("__share_group_state"))
    (answer,) = client.ask(DeleteTopicsRequest(topic_names=["__share_group_state"]), 5).responses
    assert answer.error_code == 0


def test_a_reader_that_waits_is_told_that_its_topic_is_gone(client: RawClient, server: Server, topic: str) -> None:
    from tests.broker.handlers.messages import fetch_request

    with RawClient(server.port) as reader:
        reader.send(fetch_request(topic, 0, max_wait_ms=20_000), 12)
        client.ask(DeleteTopicsRequest(topic_names=[topic]), 5)
        found = reader.receive().responses[0].partitions[0]
        assert found.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_topics_can_be_kept_from_deletion() -> None:
    with Server(settings={"delete.topic.enable": "false"}) as server, RawClient(server.port) as client:
        create(client, wanted("kept"))
        answers = [client.ask(DeleteTopicsRequest(topic_names=["kept"]), n).responses[0] for n in range(1, 6)]
        told = [ErrorCode.INVALID_REQUEST] * 2 + [ErrorCode.TOPIC_DELETION_DISABLED] * 3
        assert [answer.error_code for answer in answers] == told
        by_id = DeleteTopicsRequest(topics=[DeleteTopicState(name="kept")])
        assert client.ask(by_id, 6).responses[0].error_code == ErrorCode.TOPIC_DELETION_DISABLED


def grow(client: RawClient, topic: str, count: int, version: int = 3, **more: Any) -> Any:
    asked = CreatePartitionsTopic(name=topic, count=count, assignments=more.pop("assignments", None))
    return client.ask(CreatePartitionsRequest(topics=[asked], **more), version).results[0]


@pytest.mark.parametrize("version", range(4))
def test_more_partitions(client: RawClient, topic: str, version: int) -> None:
    assert grow(client, topic, 4, version).error_code == 0
    assert produce(client, topic, [b"x"], partition=3).base_offset == 0


@pytest.mark.parametrize(
    ("count", "brokers", "code"),
    [
        (2, None, ErrorCode.INVALID_PARTITIONS),
        (1, None, ErrorCode.INVALID_PARTITIONS),
        (0, None, ErrorCode.INVALID_PARTITIONS),
        (-1, None, ErrorCode.INVALID_PARTITIONS),
        (10_003, None, ErrorCode.POLICY_VIOLATION),
        (4, [[1]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (3, [[1], [1]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (3, [], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (3, [[]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (3, [[9]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (3, [[1, 1]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (3, [[1, 9]], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
    ],
)
def test_partitions_that_cannot_be_added(
    client: RawClient, topic: str, count: int, brokers: list[list[int]] | None, code: ErrorCode
) -> None:
    assignments = None if brokers is None else [CreatePartitionsAssignment(item) for item in brokers]
    answer = grow(client, topic, count, assignments=assignments)
    assert (answer.error_code, bool(answer.error_message)) == (code, True)


def test_growth_that_is_only_judged(client: RawClient, topic: str) -> None:
    assert grow(client, topic, 3, validate_only=True).error_code == 0
    assert produce(client, topic, [b"x"], partition=2).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert grow(client, topic, 3, assignments=[CreatePartitionsAssignment([1])]).error_code == 0
    assert grow(client, "nowhere", 2).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_a_topic_grows_once_in_a_request(client: RawClient, topic: str) -> None:
    growth = [CreatePartitionsTopic(name=topic, count=count) for count in (3, 4)]
    (answer,) = client.ask(CreatePartitionsRequest(topics=growth), 3).results
    assert answer.error_code == ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(("asked_ms", "waits_s"), [(2_500, 2.5), (60_000, TIMEOUT_S), (0, TIMEOUT_S), (-1, TIMEOUT_S)])
def test_without_a_quorum_it_is_tried_again(
    server: Server, client: RawClient, monkeypatch: pytest.MonkeyPatch, asked_ms: int, waits_s: float
) -> None:
    """Whoever asks waits as long as they said, within bounds, and is told something that may pass."""
    waited: list[float] = []

    async def nobody_answers(decide: object, timeout_s: float) -> None:
        waited.append(timeout_s)
        raise NoQuorum(timeout_s, "no leader")

    monkeypatch.setattr(server.node.controller, "propose", nobody_answers)
    (created,) = create(client, wanted(), timeout_ms=asked_ms)
    (deleted,) = client.ask(DeleteTopicsRequest(topics=[DeleteTopicState(name="x")], timeout_ms=asked_ms), 6).responses
    growth = CreatePartitionsRequest(topics=[CreatePartitionsTopic(name="x", count=2)], timeout_ms=asked_ms)
    (grown,) = client.ask(growth, 3).results
    assert {answer.error_code for answer in (created, deleted, grown)} == {ErrorCode.REQUEST_TIMED_OUT}
    assert "no majority" in created.error_message
    assert waited == [waits_s] * 3
