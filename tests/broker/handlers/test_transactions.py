"""Transactions of producers, request by request: which error says what to which version, and what readers see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from cordwood.wire.messages.metadata import MetadataRequest
from tests.broker.handlers.by_hand import HandProducer, committed
from tests.broker.handlers.messages import fetch
from tests.raw_client import RawClient


@pytest.fixture
def producer(client: RawClient, request: pytest.FixtureRequest) -> HandProducer:
    """A producer with a transactional id of the test's own."""
    made = HandProducer(client, f"id of {request.node.name}")
    assert made.begin().error_code == 0
    return made


@pytest.mark.parametrize("version", range(4))
def test_the_classic_protocol_commits(client: RawClient, topic: str, producer: HandProducer, version: int) -> None:
    assert producer.add(topic, 0, 1, version=version) == [0, 0]
    assert producer.produce(topic, [b"a", b"b"]).error_code == 0
    assert producer.produce(topic, [b"c"], partition=1).error_code == 0
    assert fetch(client, topic, 0, isolation_level=1).last_stable_offset == 0
    assert producer.end(commit=True, version=version) == 0
    assert committed(client, topic, count=2) == [b"a", b"b"]
    assert committed(client, topic, count=1, partition=1) == [b"c"]


def test_version_2_adds_by_itself_and_counts_the_epoch_up(
    client: RawClient, topic: str, producer: HandProducer
) -> None:
    for number in range(5):
        epoch = producer.epoch
        assert producer.produce(topic, [b"%d" % number], version=12).error_code == 0
        assert producer.end(commit=True, version=5) == 0
        assert producer.epoch == epoch + 1
    assert committed(client, topic, count=5) == [b"0", b"1", b"2", b"3", b"4"]


@pytest.mark.parametrize(("produce_version", "end_version"), [(11, 4), (12, 5)])
def test_what_is_aborted_is_named_to_readers(
    client: RawClient, topic: str, producer: HandProducer, produce_version: int, end_version: int
) -> None:
    if produce_version < 12:
        producer.add(topic, 0)
    assert producer.produce(topic, [b"x"], version=produce_version).error_code == 0
    assert producer.end(commit=False, version=end_version) == 0
    answer = fetch(client, topic, 0, isolation_level=1, max_wait_ms=5_000)
    assert [(one.producer_id, one.first_offset) for one in answer.aborted_transactions] == [(producer.producer_id, 0)]


@pytest.mark.parametrize("version", range(4))
def test_a_fenced_producer_is_told_so_in_its_own_words(
    client: RawClient, topic: str, producer: HandProducer, version: int
) -> None:
    newer = HandProducer(client, producer.id)
    assert newer.begin().error_code == 0
    fenced = ErrorCode.PRODUCER_FENCED if version >= 2 else ErrorCode.INVALID_PRODUCER_EPOCH
    assert producer.add(topic, 0, version=version) == [fenced]
    assert producer.add_offsets("g", version=version) == fenced
    assert producer.end(commit=True, version=version) == fenced
    assert newer.add(topic, 0) == [0]


def test_whoever_never_had_the_id_is_not_taken_for_its_producer(topic: str, producer: HandProducer) -> None:
    producer.producer_id += 1
    assert producer.add(topic, 0) == [ErrorCode.INVALID_PRODUCER_ID_MAPPING]
    assert producer.add_offsets("g") == ErrorCode.INVALID_PRODUCER_ID_MAPPING
    assert producer.end(commit=True) == ErrorCode.INVALID_PRODUCER_ID_MAPPING


def test_partitions_that_are_not_there_keep_out_the_others(topic: str, producer: HandProducer) -> None:
    assert producer.add(topic, 0, 9) == [
        ErrorCode.OPERATION_NOT_ATTEMPTED,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]
    assert producer.add("__transaction_state", 0) == [ErrorCode.TOPIC_AUTHORIZATION_FAILED]
    assert producer.add(topic) == []
    assert producer.end(commit=True) == ErrorCode.INVALID_TXN_STATE


def of_broker(producer: HandProducer, topic: str, *partitions: int, verify: bool) -> AddPartitionsToTxnTransaction:
    return AddPartitionsToTxnTransaction(
        transactional_id=producer.id,
        producer_id=producer.producer_id,
        producer_epoch=producer.epoch,
        verify_only=verify,
        topics=[AddPartitionsToTxnTopic(name=topic, partitions=list(partitions))],
    )


def results(answer: Any) -> list[tuple[str, list[int]]]:
    return [
        (one.transactional_id, [each.partition_error_code for each in one.topic_results[0].results_by_partition])
        for one in answer.results_by_transaction
    ]


@pytest.mark.parametrize(
    ("version", "missing"), [(4, ErrorCode.INVALID_TXN_STATE), (5, ErrorCode.TRANSACTION_ABORTABLE)]
)
def test_brokers_ask_for_several_transactions(
    client: RawClient, topic: str, producer: HandProducer, version: int, missing: ErrorCode
) -> None:
    other = HandProducer(client, f"{producer.id}, another")
    other.begin()
    producer.add(topic, 0)
    request = AddPartitionsToTxnRequest(
        transactions=[
            of_broker(producer, topic, 0, 1, verify=True),
            of_broker(other, topic, 0, verify=False),
            of_broker(other, "__consumer_offsets", 99, verify=False),
        ]
    )
    answer = client.ask(request, version)
    assert answer.error_code == 0
    assert results(answer) == [
        (producer.id, [0, missing]),
        (other.id, [0]),
        (other.id, [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]),
    ]


def test_nothing_begun_is_ended_only_in_version_2(producer: HandProducer) -> None:
    assert producer.end(commit=False) == ErrorCode.INVALID_TXN_STATE
    assert producer.end(commit=True, version=5) == ErrorCode.INVALID_TXN_STATE
    assert producer.end(commit=False, version=5) == 0


def test_a_delayed_end_does_not_end_the_next_transaction(topic: str, producer: HandProducer) -> None:
    """KAFKA-17754."""
    producer.produce(topic, [b"a"], version=12)
    producer_id, epoch = producer.producer_id, producer.epoch
    assert producer.end(commit=True, version=5) == 0
    assert producer.produce(topic, [b"b"], version=12).error_code == 0
    late = HandProducer(producer.client, producer.id)
    late.producer_id, late.epoch = producer_id, epoch
    assert late.end(commit=True, version=5) == ErrorCode.PRODUCER_FENCED
    assert producer.end(commit=True, version=5) == 0


def test_a_retry_of_the_end_is_told_the_same_again(topic: str, producer: HandProducer) -> None:
    producer.produce(topic, [b"a"], version=12)
    late = HandProducer(producer.client, producer.id)
    late.producer_id, late.epoch = producer.producer_id, producer.epoch
    assert producer.end(commit=True, version=5) == 0
    assert late.end(commit=True, version=5) == 0
    assert (late.producer_id, late.epoch) == (producer.producer_id, producer.epoch)


def test_requests_that_meet_markers_wait_for_them(topic: str, producer: HandProducer) -> None:
    """Nobody is sent away with CONCURRENT_TRANSACTIONS while the markers are on their way."""
    for _ in range(20):
        assert producer.add(topic, 0, 1) == [0, 0]
        assert producer.end(commit=True) == 0
    producer.add(topic, 0)
    assert producer.begin().error_code == 0  # The open transaction is aborted, and that is waited for, too.
    assert producer.epoch == 2


def test_the_topic_of_transactions_is_internal(client: RawClient, producer: HandProducer) -> None:
    (found,) = [one for one in client.ask(MetadataRequest(topics=None), 12).topics if one.name == "__transaction_state"]
    assert found.is_internal


def test_other_connections_are_not_held_up(
    topic: str, producer: HandProducer, connect: Callable[[], RawClient]
) -> None:
    others = [HandProducer(connect(), f"{producer.id}, {number}") for number in range(4)]
    for other in others:
        assert other.begin().error_code == 0
    for other in others:
        assert other.produce(topic, [b"x"], version=12).error_code == 0
    assert [other.end(commit=True, version=5) for other in others] == [0] * 4
