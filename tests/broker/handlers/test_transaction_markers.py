"""Markers of another coordinator: each partition by itself, with a leader's words for what cannot be done."""

from __future__ import annotations

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from tests.broker.handlers.messages import Transactional, fetch, in_the_broker
from tests.raw_client import RawClient


def marker(producer_id: int, *topics: WritableTxnMarkerTopic, epoch: int = 0, commit: bool = True) -> WritableTxnMarker:
    return WritableTxnMarker(
        producer_id=producer_id,
        producer_epoch=epoch,
        transaction_result=commit,
        topics=list(topics),
        coordinator_epoch=4,
    )


def codes(client: RawClient, *markers: WritableTxnMarker, version: int = 2) -> list[tuple[int, list[int]]]:
    answer = client.ask(WriteTxnMarkersRequest(markers=list(markers)), version)
    return [
        (one.producer_id, [outcome.error_code for topic in one.topics for outcome in topic.partitions])
        for one in answer.markers
    ]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("commit", [True, False])
def test_a_marker_ends_the_transaction(
    server: Server, client: RawClient, topic: str, version: int, commit: bool
) -> None:
    Transactional(server, topic, 50).send([b"a"])
    assert fetch(client, topic, 0, isolation_level=1).last_stable_offset == 0
    ended = marker(50, WritableTxnMarkerTopic(topic, [0]), commit=commit)
    assert codes(client, ended, version=version) == [(50, [0])]
    answer = fetch(client, topic, 0, isolation_level=1)
    assert answer.last_stable_offset == 2
    assert [one.producer_id for one in answer.aborted_transactions or []] == ([] if commit else [50])


def test_each_partition_by_itself(server: Server, client: RawClient, topic: str) -> None:
    Transactional(server, topic, 60).send([b"a"])
    first = marker(60, WritableTxnMarkerTopic("nowhere", [0]), WritableTxnMarkerTopic(topic, [9, 0]))
    fenced = marker(60, WritableTxnMarkerTopic(topic, [0]), epoch=-1)
    assert codes(client, first, fenced) == [
        (60, [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 0]),
        (60, [ErrorCode.INVALID_PRODUCER_EPOCH]),
    ]
    older = WritableTxnMarker(60, 0, True, [WritableTxnMarkerTopic(topic, [0])], coordinator_epoch=3)
    assert codes(client, older) == [(60, [ErrorCode.TRANSACTION_COORDINATOR_FENCED])]


def test_offsets_are_ended_by_way_of_their_shard(server: Server, client: RawClient, group: str) -> None:
    index = server.node.groups.partition_for(group)
    assert codes(client, marker(70, WritableTxnMarkerTopic("__consumer_offsets", [index]))) == [(70, [0])]


def test_a_shard_that_is_not_there_has_a_leaders_words() -> None:
    with Server() as server, RawClient(server.port) as client:
        assert client.ask(FindCoordinatorRequest(key="g"), 3).error_code == 0
        for shard in server.node.groups.shards:
            in_the_broker(server, shard.close)
        found = codes(client, marker(80, WritableTxnMarkerTopic("__consumer_offsets", [0])))
        assert found == [(80, [ErrorCode.NOT_LEADER_OR_FOLLOWER])]
