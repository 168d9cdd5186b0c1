"""Requests of a transaction that arrive when it is over: KAFKA-17754 and its kin, in the classic protocol and version 2.

A request may stay in the network for long while its sender tries again, is answered and goes on. What it does when it
arrives at last is what these tests are about.
"""

from __future__ import annotations

from copy import copy

import pytest

from cordwood.records.batch import batches
from cordwood.records.reader import decode_batch
from cordwood.wire.errors import ErrorCode
from tests.broker.handlers.by_hand import HandProducer, committed
from tests.broker.handlers.messages import fetch
from tests.raw_client import RawClient

CLASSIC_END = 4
VERSION_2_END = 5


@pytest.fixture
def producer(client: RawClient, request: pytest.FixtureRequest) -> HandProducer:
    """A producer with a transactional id of the test's own."""
    made = HandProducer(client, f"id of {request.node.name}")
    assert made.begin().error_code == 0
    return made


def delayed(producer: HandProducer) -> HandProducer:
    """The producer as it is now: whatever this one sends later was sent now and is late."""
    late = copy(producer)
    late.sequences = dict(producer.sequences)
    return late


def ends_of(client: RawClient, topic: str) -> tuple[int, int]:
    """The last stable offset and the high watermark."""
    answer = fetch(client, topic, 0)
    return answer.last_stable_offset, answer.high_watermark


@pytest.mark.parametrize("late_commits", [True, False])
@pytest.mark.parametrize("next_commits", [True, False])
def test_in_version_2_a_late_end_decides_nothing(
    client: RawClient, topic: str, producer: HandProducer, late_commits: bool, next_commits: bool
) -> None:
    """KAFKA-17754: the end of the first transaction comes a second time when the next one is under way."""
    producer.produce(topic, [b"first"], version=12)
    late = delayed(producer)
    assert producer.end(commit=late_commits, version=VERSION_2_END) == 0
    wait_decided(client, topic, 2)
    assert producer.produce(topic, [b"next"], version=12).error_code == 0

    assert late.end(commit=late_commits, version=VERSION_2_END) == ErrorCode.PRODUCER_FENCED
    assert ends_of(client, topic) == (2, 3)
    assert producer.produce(topic, [b"more"], version=12).error_code == 0
    assert producer.end(commit=next_commits, version=VERSION_2_END) == 0
    producer.produce(topic, [b"last"], version=12)
    assert producer.end(commit=True, version=VERSION_2_END) == 0
    expected = [b"first"] * late_commits + [b"next", b"more"] * next_commits + [b"last"]
    assert everything_committed(client, topic, 7) == expected


def wait_decided(client: RawClient, topic: str, end: int) -> None:
    """Waits for the marker that ends at `end`: who ends a transaction is answered before its markers are written."""
    assert fetch(client, topic, end - 1, isolation_level=1, max_wait_ms=10_000).records
    assert ends_of(client, topic) == (end, end)


def everything_committed(client: RawClient, topic: str, end: int) -> list[bytes | None]:
    """What a committed reader sees of so many records and markers."""
    wait_decided(client, topic, end)
    aborted: set[int] = set()
    found: list[bytes | None] = []
    offset = 0
    while offset < end:
        answer = fetch(client, topic, offset, isolation_level=1)
        begins = {(one.producer_id, one.first_offset) for one in answer.aborted_transactions}
        for header, batch in batches(bytes(answer.records)):
            offset = header.next_offset
            if (header.producer_id, header.base_offset) in begins:
                aborted.add(header.producer_id)
            if header.is_control:
                aborted.discard(header.producer_id)
            elif header.producer_id not in aborted:
                found += [record.value for record in decode_batch(batch)]
    return found


def test_in_version_2_a_late_end_is_answered_as_the_first_one_while_nothing_has_begun(
    topic: str, producer: HandProducer
) -> None:
    producer.produce(topic, [b"first"], version=12)
    late = delayed(producer)
    assert producer.end(commit=True, version=VERSION_2_END) == 0
    assert late.end(commit=True, version=VERSION_2_END) == 0
    assert (late.producer_id, late.epoch) == (producer.producer_id, producer.epoch)


def test_in_the_classic_protocol_a_late_end_ends_the_next_transaction(
    client: RawClient, topic: str, producer: HandProducer
) -> None:
    """Nothing in the request tells the one from the other: that is why there is a version 2."""
    producer.add(topic, 0)
    producer.produce(topic, [b"first"])
    late = delayed(producer)
    assert producer.end(commit=True, version=CLASSIC_END) == 0
    producer.add(topic, 0)
    producer.produce(topic, [b"next"])
    assert late.end(commit=True, version=CLASSIC_END) == 0
    assert committed(client, topic, count=2) == [b"first", b"next"]
    assert producer.end(commit=False, version=CLASSIC_END) == ErrorCode.INVALID_TXN_STATE


def test_in_version_2_a_late_produce_opens_nothing(client: RawClient, topic: str, producer: HandProducer) -> None:
    """Were it appended, no end would ever come for it, and no committed reader would get past it."""
    producer.produce(topic, [b"first"], version=12)
    late = delayed(producer)
    assert producer.end(commit=True, version=VERSION_2_END) == 0
    wait_decided(client, topic, 2)
    assert late.produce(topic, [b"late"], version=12).error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    assert ends_of(client, topic) == (2, 2)


def test_in_the_classic_protocol_a_late_produce_opens_nothing(
    client: RawClient, topic: str, producer: HandProducer
) -> None:
    """The coordinator is asked whether the partition is in a transaction (KIP-890, part 1)."""
    producer.add(topic, 0)
    producer.produce(topic, [b"first"])
    late = delayed(producer)
    assert producer.end(commit=True, version=CLASSIC_END) == 0
    wait_decided(client, topic, 2)
    assert late.produce(topic, [b"late"]).error_code == ErrorCode.TRANSACTION_ABORTABLE
    assert ends_of(client, topic) == (2, 2)


def test_a_produce_that_comes_twice_is_there_once(client: RawClient, topic: str, producer: HandProducer) -> None:
    late = delayed(producer)
    assert producer.produce(topic, [b"first"], version=12).base_offset == 0
    assert late.produce(topic, [b"first"], version=12).base_offset == 0
    assert producer.end(commit=True, version=VERSION_2_END) == 0
    wait_decided(client, topic, 2)
