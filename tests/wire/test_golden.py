"""Bytes of a few messages, written once and compared with Kafka's own libraries then; they never change."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.frame import join
from cordwood.wire.messages.api_versions import ApiVersion, ApiVersionsResponse, SupportedFeatureKey
from cordwood.wire.messages.consumer_group_heartbeat import (
    Assignment,
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
    TopicPartitions,
)
from cordwood.wire.messages.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from cordwood.wire.messages.describe_topic_partitions import Cursor, DescribeTopicPartitionsRequest, TopicRequest
from cordwood.wire.messages.fetch import (
    AbortedTransaction,
    FetchableTopicResponse,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    LeaderIdAndEpoch,
    PartitionData,
    ReplicaState,
)
from cordwood.wire.messages.heartbeat import HeartbeatRequest
from cordwood.wire.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from cordwood.wire.messages.metadata import (
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from cordwood.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData

FOLDER = Path(__file__).parents[1] / "golden" / "wire"
TOPIC_ID = bytes(range(16))


def produce_request(**topic):
    data = [PartitionProduceData(index=3, records=memoryview(b"a batch")), PartitionProduceData(index=4)]
    return ProduceRequest(acks=-1, timeout_ms=30000, topic_data=[TopicProduceData(partition_data=data, **topic)])


def fetch_request(**fields):
    partition = FetchPartition(partition=1, fetch_offset=42, partition_max_bytes=1 << 20, log_start_offset=-1)
    return FetchRequest(max_wait_ms=500, min_bytes=1, topics=[FetchTopic(partitions=[partition], **fields)])


def fetch_response(**topic):
    data = PartitionData(
        partition_index=1,
        high_watermark=50,
        last_stable_offset=48,
        log_start_offset=2,
        aborted_transactions=[AbortedTransaction(producer_id=9, first_offset=40)],
        records=memoryview(b"two batches"),
    )
    return FetchResponse(session_id=5, responses=[FetchableTopicResponse(partitions=[data], **topic)])


def metadata_response(**topic):
    partition = MetadataResponsePartition(leader_id=1, replica_nodes=[1, 2], isr_nodes=[1])
    return MetadataResponse(
        brokers=[MetadataResponseBroker(node_id=1, host="127.0.0.1", port=9092, rack="r")],
        cluster_id="cordwood",
        controller_id=1,
        topics=[MetadataResponseTopic(name="orders", partitions=[partition], **topic)],
    )


def follower_fetch():
    request = fetch_request(topic_id=TOPIC_ID)
    request.replica_state = ReplicaState(replica_id=2, replica_epoch=7)
    request.topics[0].partitions[0].high_watermark = 41
    return request


def not_the_leader():
    response = fetch_response(topic_id=TOPIC_ID)
    response.responses[0].partitions[0].current_leader = LeaderIdAndEpoch(leader_id=2, leader_epoch=6)
    return response


def offset_commit(**topic):
    partition = OffsetCommitRequestPartition(3, 1 << 40, committed_metadata="up to here")
    return OffsetCommitRequest("billing", 5, "m-1", topics=[OffsetCommitRequestTopic(**topic, partitions=[partition])])


GOLDEN = {
    "api-versions-response.v3": ApiVersionsResponse(
        api_keys=[ApiVersion(0, 0, 13), ApiVersion(18, 0, 4)],
        supported_features=[SupportedFeatureKey("metadata.version", 1, 20)],
    ),
    "produce-request.v3": produce_request(name="orders"),
    "produce-request.v9": produce_request(name="orders"),
    "produce-request.v13": produce_request(topic_id=TOPIC_ID),
    "fetch-request.v11": fetch_request(topic="orders"),
    "fetch-request.v18": follower_fetch(),
    "fetch-response.v11": fetch_response(topic="orders"),
    "fetch-response.v16": not_the_leader(),
    "metadata-response.v4": metadata_response(),
    "metadata-response.v12": metadata_response(topic_id=TOPIC_ID),
    "create-topics-request.v7": CreateTopicsRequest(
        topics=[CreatableTopic("orders", 12, -1, configs=[CreatableTopicConfig("retention.ms", "1000")])],
        timeout_ms=30000,
    ),
    "describe-topic-partitions-request.v0": DescribeTopicPartitionsRequest(
        topics=[TopicRequest("orders")], cursor=Cursor("orders", 3)
    ),
    "offset-commit-request.v3": offset_commit(name="orders"),
    "offset-commit-request.v10": offset_commit(topic_id=TOPIC_ID),
    "join-group-request.v5": JoinGroupRequest(
        "billing", 45000, 300000, "m-1", "first", "consumer", [JoinGroupRequestProtocol("range", b"opaque")]
    ),
    "heartbeat-request.v1": HeartbeatRequest("billing", 5, "m-1"),
    "heartbeat-request.v4": HeartbeatRequest("billing", 5, "m-1", "first"),
    "consumer-group-heartbeat-request.v1": ConsumerGroupHeartbeatRequest(
        "billing", "m-1", rebalance_timeout_ms=300000, subscribed_topic_regex="o.*", topic_partitions=[]
    ),
    "consumer-group-heartbeat-response.v0": ConsumerGroupHeartbeatResponse(
        member_id="m-1",
        member_epoch=3,
        heartbeat_interval_ms=5000,
        assignment=Assignment([TopicPartitions(TOPIC_ID, [0, 1])]),
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_bytes_never_change(name):
    message, version = GOLDEN[name], int(name.rpartition(".v")[2])
    wire = bytes.fromhex((FOLDER / f"{name}.hex").read_text("ascii"))
    assert join(encode_message(message, version)) == wire
    assert decoder(type(message), version)(memoryview(wire), 0) == (message, len(wire))


def test_no_golden_file_is_forgotten():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(GOLDEN)
