"""InitProducerId, DescribeProducers."""

from __future__ import annotations

import pytest

from cordwood.records.control import MarkerType
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest
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


def test_transactional_ids_have_no_coordinator_yet(client: RawClient) -> None:
    answer = client.ask(InitProducerIdRequest(transactional_id="t", transaction_timeout_ms=1000), 4)
    assert answer.error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE


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
    assert all(one.last_timestamp > 0 for one in first.active_producers)
    assert (second.error_code, second.active_producers) == (0, [])
    assert third.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
