"""A broker among others: what it leads it serves, and for the rest it says who does.

Partition 0 of the topic is this broker's, partition 1 another's, and there is no partition 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages import delete_records, describe_producers, list_offsets, offset_for_leader_epoch
from cordwood.wire.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from cordwood.wire.messages.create_topics import CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.delete_groups import DeleteGroupsRequest
from cordwood.wire.messages.describe_cluster import DescribeClusterRequest
from cordwood.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from cordwood.wire.messages.describe_groups import DescribeGroupsRequest
from cordwood.wire.messages.describe_topic_partitions import DescribeTopicPartitionsRequest, TopicRequest
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.heartbeat import HeartbeatRequest
from cordwood.wire.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from cordwood.wire.messages.offset_fetch import OffsetFetchRequest
from tests.broker.handlers.messages import fetch, produce
from tests.broker.neighbours import HOST, PORT, assign, register
from tests.raw_client import RawClient

CODES = [ErrorCode.NONE, ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
"""What is answered for the three partitions."""

TOPIC = "shared"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Broker 1, beside broker 2 with the same listener and broker 3 with another."""
    with Server(settings={"default.replication.factor": "3"}) as running:
        register(running, 2)
        register(running, 3, listener="ELSEWHERE")
        with RawClient(running.port) as client:
            assign(client, TOPIC, 1, 2)
            assign(client, "far", 3)
        yield running


def test_records(client: RawClient) -> None:
    assert [produce(client, TOPIC, [b"x"], partition=index).error_code for index in range(3)] == CODES
    assert [fetch(client, TOPIC, 0, partition=index).error_code for index in range(3)] == CODES


def test_offsets(client: RawClient) -> None:
    listed = list_offsets.ListOffsetsTopic(
        name=TOPIC, partitions=[list_offsets.ListOffsetsPartition(index, timestamp=-1) for index in range(3)]
    )
    (topic,) = client.ask(list_offsets.ListOffsetsRequest(topics=[listed]), 7).topics
    assert [partition.error_code for partition in topic.partitions] == CODES
    epochs = offset_for_leader_epoch.OffsetForLeaderTopic(
        topic=TOPIC, partitions=[offset_for_leader_epoch.OffsetForLeaderPartition(index) for index in range(3)]
    )
    (topic,) = client.ask(offset_for_leader_epoch.OffsetForLeaderEpochRequest(topics=[epochs]), 4).topics
    assert [partition.error_code for partition in topic.partitions] == CODES
    doomed = delete_records.DeleteRecordsTopic(
        name=TOPIC, partitions=[delete_records.DeleteRecordsPartition(index, 0) for index in range(3)]
    )
    (topic,) = client.ask(delete_records.DeleteRecordsRequest(topics=[doomed], timeout_ms=1000), 2).topics
    assert [partition.error_code for partition in topic.partitions] == CODES


def test_producers(client: RawClient) -> None:
    asked = describe_producers.TopicRequest(name=TOPIC, partition_indexes=[0, 1, 2])
    (topic,) = client.ask(describe_producers.DescribeProducersRequest(topics=[asked]), 0).topics
    assert [partition.error_code for partition in topic.partitions] == CODES
    assert "broker 2" in topic.partitions[1].error_message


@pytest.mark.parametrize("version", [1, 5, 6, 13])
def test_metadata(server: Server, client: RawClient, version: int) -> None:
    asked = [MetadataRequestTopic(name=name) for name in (TOPIC, "far")]
    answer = client.ask(MetadataRequest(topics=asked), version)
    assert {(broker.node_id, broker.host, broker.port) for broker in answer.brokers} == {
        (1, "127.0.0.1", server.port),
        (2, HOST, PORT),
    }
    shared, far = answer.topics
    assert [(p.error_code, p.leader_id) for p in shared.partitions] == [(0, 1), (0, 2)]
    unreachable = ErrorCode.LISTENER_NOT_FOUND if version >= 6 else ErrorCode.LEADER_NOT_AVAILABLE
    assert [(p.error_code, p.leader_id, p.replica_nodes) for p in far.partitions] == [(unreachable, -1, [3])]


def test_the_cluster(server: Server, client: RawClient) -> None:
    answer = client.ask(DescribeClusterRequest(), 2)
    assert [broker.broker_id for broker in answer.brokers] == [1, 2]
    asked = DescribeTopicPartitionsRequest(topics=[TopicRequest(name=name) for name in (TOPIC, "far")])
    far, shared = client.ask(asked, 0).topics
    assert [(p.error_code, p.leader_id) for p in shared.partitions] == [(0, 1), (0, 2)]
    assert [(p.error_code, p.leader_id) for p in far.partitions] == [(ErrorCode.LISTENER_NOT_FOUND, -1)]


@pytest.mark.parametrize(
    "more",
    [
        {"num_partitions": 1, "replication_factor": 2},
        {"num_partitions": 1, "replication_factor": -1},
        {"num_partitions": -1, "replication_factor": -1, "assignments": [CreatableReplicaAssignment(0, [1, 2])]},
    ],
    ids=["asked", "by default", "assigned"],
)
def test_partitions_are_not_replicated(client: RawClient, more: dict[str, Any]) -> None:
    (answer,) = client.ask(CreateTopicsRequest(topics=[CreatableTopic(name="copied", **more)]), 7).topics
    assert answer.error_code == ErrorCode.INVALID_REPLICATION_FACTOR
    assert "does not replicate" in answer.error_message


def test_more_partitions_are_not_replicated_either(client: RawClient) -> None:
    wanted = CreatePartitionsTopic(name=TOPIC, count=3, assignments=[CreatePartitionsAssignment(broker_ids=[1, 2])])
    (answer,) = client.ask(CreatePartitionsRequest(topics=[wanted], timeout_ms=1000), 3).results
    assert answer.error_code == ErrorCode.INVALID_REPLICA_ASSIGNMENT


def test_leaders_are_spread(client: RawClient) -> None:
    wanted = CreatableTopic(name="spread", num_partitions=6, replication_factor=1)
    assert client.ask(CreateTopicsRequest(topics=[wanted]), 7).topics[0].error_code == 0
    (topic,) = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name="spread")]), 12).topics
    leaders = [partition.replica_nodes for partition in topic.partitions]
    assert sorted(leaders) == [[1], [1], [2], [2], [3], [3]]


def test_settings_of_another_broker_are_its_own_to_tell(client: RawClient) -> None:
    asked = [DescribeConfigsResource(resource_type=4, resource_name=str(number)) for number in (1, 2)]
    own, other = client.ask(DescribeConfigsRequest(resources=asked), 4).results
    assert (own.error_code, other.error_code) == (ErrorCode.NONE, ErrorCode.INVALID_REQUEST)
    assert "ask broker 2" in other.error_message


# Groups. The topic of offsets has four partitions here, whose leaders go round the brokers.


def groups_of(client: RawClient, leader: int) -> Iterator[str]:
    """Names of groups that a broker coordinates; the error tells where it is where clients cannot reach it."""
    for number in range(1000):
        name = f"group-{number}"
        found = client.ask(FindCoordinatorRequest(key=name), 3)
        if found.node_id == leader or (leader == 3 and found.error_code):
            yield name


def test_a_group_is_sent_to_its_coordinator(server: Server, client: RawClient) -> None:
    for leader, host, port in ((1, "127.0.0.1", server.port), (2, HOST, PORT)):
        found = client.ask(FindCoordinatorRequest(key=next(groups_of(client, leader))), 3)
        assert (found.error_code, found.node_id, found.host, found.port) == (0, leader, host, port)
    found = client.ask(FindCoordinatorRequest(key=next(groups_of(client, 3))), 3)
    assert (found.error_code, found.node_id) == (ErrorCode.COORDINATOR_NOT_AVAILABLE, -1)
    assert "listener PLAINTEXT" in found.error_message
    (internal,) = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name="__consumer_offsets")]), 12).topics
    assert {len(partition.replica_nodes) for partition in internal.partitions} == {1}


def test_a_group_of_another_broker_is_not_taken_in(client: RawClient) -> None:
    name = next(groups_of(client, 2))
    joining = JoinGroupRequest(
        group_id=name,
        session_timeout_ms=10_000,
        rebalance_timeout_ms=10_000,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol("range", b"")],
    )
    answers = [
        client.ask(joining, 5).error_code,
        client.ask(HeartbeatRequest(group_id=name, member_id="m"), 3).error_code,
        client.ask(OffsetFetchRequest(group_id=name, topics=None), 5).error_code,
        client.ask(DescribeGroupsRequest(groups=[name]), 5).groups[0].error_code,
        client.ask(DeleteGroupsRequest(groups_names=[name]), 2).results[0].error_code,
    ]
    assert answers == [ErrorCode.NOT_COORDINATOR] * 5
