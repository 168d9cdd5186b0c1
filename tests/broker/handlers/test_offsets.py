"""ListOffsets, OffsetForLeaderEpoch, DeleteRecords."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.records.control import MarkerType
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from cordwood.wire.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from cordwood.wire.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import Transactional, fetch, produce
from tests.raw_client import RawClient


def find(
    client: RawClient,
    topic: str,
    timestamp: int,
    *,
    version: int = 7,
    partition: int = 0,
    epoch: int = -1,
    isolation_level: int = 0,
) -> Any:
    asked = ListOffsetsPartition(partition_index=partition, timestamp=timestamp, current_leader_epoch=epoch)
    topics = [ListOffsetsTopic(name=topic, partitions=[asked])]
    request = ListOffsetsRequest(replica_id=-1, topics=topics, isolation_level=isolation_level)
    return client.ask(request, version).topics[0].partitions[0]


@pytest.mark.parametrize("version", range(1, 12))
def test_ends_and_timestamps(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"a", b"b", b"c"])  # Timestamps 1000, 1001, 1002.
    assert find(client, topic, -1, version=version).offset == 3
    assert find(client, topic, -2, version=version).offset == 0
    found = find(client, topic, 1001, version=version)
    assert (found.offset, found.timestamp) == (1, 1001)
    found = find(client, topic, 5, version=version)
    assert (found.offset, found.timestamp) == (0, 1000)
    found = find(client, topic, 1003, version=version)
    assert (found.offset, found.timestamp, found.error_code) == (-1, -1, 0)


def test_largest_timestamp(client: RawClient, topic: str) -> None:
    assert find(client, topic, -3).offset == -1
    produce(client, topic, [b"a", b"b"])
    found = find(client, topic, -3)
    assert (found.offset, found.timestamp) == (1, 1001)


@pytest.mark.parametrize("version", range(2, 12))
def test_the_end_of_what_is_committed(server: Server, client: RawClient, topic: str, version: int) -> None:
    producer = Transactional(server, topic, 4, timestamp_ms=1_000)
    produce(client, topic, [b"a", b"b"])  # Timestamps 1000, 1001.
    producer.send([b"c", b"d", b"e"])
    committed = {"version": version, "isolation_level": 1}
    assert find(client, topic, -1, version=version).offset == 5
    assert find(client, topic, -1, **committed).offset == 2
    assert find(client, topic, 1002, version=version).offset == 4
    assert find(client, topic, 1002, **committed).offset == -1
    assert find(client, topic, 1001, **committed).offset == 1
    producer.end(MarkerType.COMMIT)
    assert find(client, topic, -1, **committed).offset == 6
    assert find(client, topic, 1002, **committed).offset == 4


def test_errors(client: RawClient, topic: str) -> None:
    assert find(client, "nowhere", -1).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert find(client, topic, -1, partition=9).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert find(client, topic, -1, epoch=50).error_code == ErrorCode.UNKNOWN_LEADER_EPOCH


@pytest.mark.parametrize("version", [2, 3, 4])
def test_end_of_an_epoch(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"a", b"b"])
    asked = OffsetForLeaderPartition(partition=0, leader_epoch=0)
    request = OffsetForLeaderEpochRequest(topics=[OffsetForLeaderTopic(topic=topic, partitions=[asked])])
    answer = client.ask(request, version).topics[0].partitions[0]
    assert (answer.error_code, answer.leader_epoch, answer.end_offset) == (0, 0, 2)
    asked.leader_epoch = 7
    answer = client.ask(request, version).topics[0].partitions[0]
    assert (answer.error_code, answer.end_offset) == (0, -1)


def delete(client: RawClient, topic: str, offset: int, *, version: int = 2, partition: int = 0) -> Any:
    asked = DeleteRecordsPartition(partition_index=partition, offset=offset)
    request = DeleteRecordsRequest(topics=[DeleteRecordsTopic(name=topic, partitions=[asked])])
    return client.ask(request, version).topics[0].partitions[0]


@pytest.mark.parametrize("version", [0, 1, 2])
def test_deleting_records_moves_the_beginning(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"a"])
    produce(client, topic, [b"b"])
    produce(client, topic, [b"c"])
    answer = delete(client, topic, 2, version=version)
    assert (answer.error_code, answer.low_watermark) == (0, 2)
    assert find(client, topic, -2).offset == 2
    assert fetch(client, topic, 0).error_code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert delete(client, topic, 1, version=version).low_watermark == 2, "it never goes back"
    assert delete(client, topic, -1, version=version).low_watermark == 3, "-1 is the high watermark"


@pytest.mark.parametrize(
    ("offset", "code", "low_watermark"),
    [
        (0, ErrorCode.NONE, 0),
        (1, ErrorCode.NONE, 1),
        (-1, ErrorCode.NONE, 1),
        (2, ErrorCode.OFFSET_OUT_OF_RANGE, -1),
        (-2, ErrorCode.OFFSET_OUT_OF_RANGE, -1),
    ],
)
def test_how_far_records_can_be_deleted(
    client: RawClient, topic: str, offset: int, code: ErrorCode, low_watermark: int
) -> None:
    produce(client, topic, [b"a"])
    answer = delete(client, topic, offset)
    assert (answer.error_code, answer.low_watermark) == (code, low_watermark)


def test_many_are_deleted_in_one_request_and_answered_in_their_places(client: RawClient, topic: str) -> None:
    other = new_topic(client)
    for name, partition in ((topic, 0), (topic, 1), (other, 0)):
        produce(client, name, [b"a", b"b"], partition=partition)
    wanted = [
        DeleteRecordsTopic(
            topic, [DeleteRecordsPartition(1, 1), DeleteRecordsPartition(0, -1), DeleteRecordsPartition(7, 0)]
        ),
        DeleteRecordsTopic("nowhere", []),
        DeleteRecordsTopic(other, [DeleteRecordsPartition(0, 0)]),
    ]
    answers = client.ask(DeleteRecordsRequest(wanted), 2).topics
    assert [(one.name, [(p.partition_index, p.low_watermark) for p in one.partitions]) for one in answers] == [
        (topic, [(1, 1), (0, 2), (7, -1)]),
        ("nowhere", []),
        (other, [(0, 0)]),
    ]


@pytest.mark.parametrize(
    ("name", "partition"), [("nowhere", 0), ("a b", 0), ("", 0), ("__cluster_metadata", 0), (None, 2), (None, -1)]
)
def test_records_of_what_there_is_not(client: RawClient, topic: str, name: str | None, partition: int) -> None:
    answer = delete(client, topic if name is None else name, 0, partition=partition)
    assert (answer.error_code, answer.low_watermark) == (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1)


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("compact", ErrorCode.POLICY_VIOLATION),
        ("compact,delete", ErrorCode.NONE),
        ("delete", ErrorCode.NONE),
    ],
)
def test_records_that_are_only_compacted_stay(client: RawClient, policy: str, code: ErrorCode) -> None:
    name = new_topic(client, cleanup_policy=policy)
    assert [delete(client, name, offset).error_code for offset in (0, -1)] == [code, code]


def test_records_of_the_cluster_itself_stay(client: RawClient, group: str) -> None:
    assert delete(client, "__consumer_offsets", 0).error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
