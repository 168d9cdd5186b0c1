"""InitProducerId, DescribeProducers."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.records.control import MarkerType
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest
from tests.broker.handlers.by_hand import HandProducer
from tests.broker.handlers.messages import Transactional
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(6))
def test_every_producer_gets_its_own_id(client: RawClient, version: int) -> None:
    answers = [client.ask(InitProducerIdRequest(transactional_id=None), version) for _ in range(3)]
    assert [answer.error_code for answer in answers] == [0, 0, 0]
    assert [answer.producer_epoch for answer in answers] == [0, 0, 0]
    assert len({answer.producer_id for answer in answers}) == 3


def test_ids_go_on_beyond_one_block(client: RawClient) -> None:
    for _ in range(1100):
        client.send(InitProducerIdRequest(transactional_id=None), 4)
    ids = [client.receive().producer_id for _ in range(1100)]
    assert len(set(ids)) == 1100


@pytest.mark.parametrize("version", range(6))
def test_a_transactional_id_keeps_its_producer_id(client: RawClient, version: int) -> None:
    producer = HandProducer(client, f"an id of version {version}")
    first = producer.begin(version)
    second = producer.begin(version)
    assert [(one.error_code, one.producer_epoch) for one in (first, second)] == [(0, 0), (0, 1)]
    assert first.producer_id == second.producer_id


def asked(client: RawClient, producer: HandProducer, version: int = 5, **fields: Any) -> tuple[int, int, int]:
    fields = {"transactional_id": producer.id, "transaction_timeout_ms": 1000, **fields}
    answer = client.ask(InitProducerIdRequest(**fields), version)
    return answer.error_code, answer.producer_id, answer.producer_epoch


def test_a_producer_that_goes_on_names_what_it_holds(client: RawClient) -> None:
    producer = HandProducer(client, "one that goes on")
    held = producer.begin().producer_id
    assert asked(client, producer, producer_id=held, producer_epoch=0) == (0, held, 1)
    assert asked(client, producer, producer_id=held, producer_epoch=0) == (0, held, 1)  # The answer was lost.
    assert asked(client, producer, producer_id=held, producer_epoch=1) == (0, held, 2)
    for version, code in ((3, ErrorCode.INVALID_PRODUCER_EPOCH), (4, ErrorCode.PRODUCER_FENCED)):
        assert asked(client, producer, version, producer_id=held, producer_epoch=0) == (code, -1, -1)


def test_what_a_transactional_id_cannot_be_given_for(client: RawClient) -> None:
    producer = HandProducer(client, "one that asks for too much")
    producer.begin()
    timeout = ErrorCode.INVALID_TRANSACTION_TIMEOUT
    assert asked(client, producer, transaction_timeout_ms=900_001) == (timeout, -1, -1)
    assert asked(client, producer, transaction_timeout_ms=0) == (timeout, -1, -1)
    assert asked(client, producer, transactional_id="") == (ErrorCode.INVALID_REQUEST, -1, -1)
    assert asked(client, producer, producer_id=5) == (ErrorCode.INVALID_REQUEST, -1, -1)


def test_the_producers_of_a_partition(server: Server, client: RawClient, topic: str) -> None:
    Transactional(server, topic, 5).send([b"a"])
    ended = Transactional(server, topic, 6)
    ended.send([b"b", b"c"])
    ended.end(MarkerType.ABORT)
    request = DescribeProducersRequest(topics=[TopicRequest(name=topic, partition_indexes=[0, 1, 9])])
    first, second, third = client.ask(request, 0).topics[0].partitions
    fields = [
        (one.producer_id, one.producer_epoch, one.last_sequence, one.coordinator_epoch, one.current_txn_start_offset)
        for one in first.active_producers
    ]
    assert fields == [(5, 0, 0, -1, 0), (6, 0, 1, 1, -1)]
    assert (second.error_code, second.active_producers) == (0, [])
    assert third.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def last_timestamps(client: RawClient, topic: str) -> list[int]:
    request = DescribeProducersRequest(topics=[TopicRequest(name=topic, partition_indexes=[0])])
    (found,) = client.ask(request, 0).topics[0].partitions
    return [one.last_timestamp for one in found.active_producers]


def test_the_last_timestamp_is_the_producers_own_until_its_transaction_ends(
    server: Server, client: RawClient, topic: str
) -> None:
    producer = Transactional(server, topic, 5, timestamp_ms=1_000)
    producer.send([b"a", b"b"])
    assert last_timestamps(client, topic) == [1_001]
    before = server.node.context.clock.now_ms()
    producer.end(MarkerType.COMMIT)
    assert last_timestamps(client, topic)[0] >= before
    producer.send([b"c"])
    assert last_timestamps(client, topic) == [1_000]


@pytest.mark.parametrize(
    ("name", "partition", "code"),
    [
        ("nowhere", 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (None, -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("a b", 0, ErrorCode.INVALID_TOPIC_EXCEPTION),
    ],
)
def test_partitions_that_there_are_not(
    client: RawClient, topic: str, name: str | None, partition: int, code: ErrorCode
) -> None:
    asked_for = TopicRequest(name=topic if name is None else name, partition_indexes=[partition])
    (found,) = client.ask(DescribeProducersRequest(topics=[asked_for]), 0).topics[0].partitions
    assert (found.error_code, bool(found.error_message), found.active_producers) == (code, True, [])
