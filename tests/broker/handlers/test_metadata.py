"""Metadata, DescribeCluster."""

from __future__ import annotations

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_cluster import DescribeClusterRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.broker.handlers.messages import produce
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(14))
def test_a_topic_with_its_leader_and_address(server: Server, client: RawClient, topic: str, version: int) -> None:
    answer = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), version)
    assert [(broker.node_id, broker.host, broker.port) for broker in answer.brokers] == [(1, "127.0.0.1", server.port)]
    (found,) = answer.topics
    assert (found.name, found.error_code) == (topic, 0)
    assert [(p.partition_index, p.leader_id, p.replica_nodes, p.isr_nodes) for p in found.partitions] == [
        (0, 1, [1], [1]),
        (1, 1, [1], [1]),
    ]
    if version >= 1:
        assert answer.controller_id == 1
    if version >= 2:
        assert len(answer.cluster_id) == 22


@pytest.mark.parametrize("version", [0, 1, 9, 12])
def test_all_topics_and_none(client: RawClient, topic: str, version: int) -> None:
    everything = client.ask(MetadataRequest(topics=None if version else []), version)
    assert topic in [found.name for found in everything.topics]
    if version:
        assert client.ask(MetadataRequest(topics=[]), version).topics == []


def test_by_id(client: RawClient, topic: str) -> None:
    topic_id = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12).topics[0].topic_id
    for name in (None, ""):
        found = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=name, topic_id=topic_id)]), 12).topics[0]
        assert (found.name, found.error_code) == (topic, 0)
    other = MetadataRequest(topics=[MetadataRequestTopic(name=None, topic_id=b"\x05" * 16)])
    for version, name in ((10, ""), (11, ""), (12, None), (13, None)):
        found = client.ask(other, version).topics[0]
        assert (found.error_code, found.name) == (ErrorCode.UNKNOWN_TOPIC_ID, name)


def test_an_id_goes_before_a_name(client: RawClient, topic: str) -> None:
    """Java's client sends an empty name beside the id."""
    topic_id = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12).topics[0].topic_id
    found = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name="", topic_id=topic_id)]), 12).topics[0]
    assert (found.name, found.topic_id, found.error_code) == (topic, topic_id, 0)


def test_a_missing_topic_is_made_before_the_answer(client: RawClient) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name="made-on-the-way")], allow_auto_topic_creation=True)
    found = client.ask(request, 9).topics[0]
    assert (found.error_code, len(found.partitions)) == (0, 1)
    assert produce(client, "made-on-the-way", [b"x"]).base_offset == 0


@pytest.mark.parametrize(
    ("name", "allow", "code"),
    [
        ("not-allowed", False, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("bad name", True, ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("bad/name", False, ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("..", True, ErrorCode.INVALID_TOPIC_EXCEPTION),
    ],
)
def test_topics_that_are_not_made(client: RawClient, name: str, allow: bool, code: ErrorCode) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name)], allow_auto_topic_creation=allow)
    found = client.ask(request, 9).topics[0]
    assert (found.name, found.error_code, found.partitions) == (name, code, [])


def test_the_broker_can_refuse_to_make_topics() -> None:
    with Server(settings={"auto.create.topics.enable": "false"}) as server, RawClient(server.port) as client:
        request = MetadataRequest(topics=[MetadataRequestTopic(name="x")], allow_auto_topic_creation=True)
        assert client.ask(request, 9).topics[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_authorized_operations_are_told_when_asked(client: RawClient, topic: str) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name=topic)])
    assert client.ask(request, 9).topics[0].topic_authorized_operations == -(1 << 31)
    request.include_topic_authorized_operations = True
    request.include_cluster_authorized_operations = True
    request.allow_auto_topic_creation = False
    request.topics.append(MetadataRequestTopic(name="no.such"))
    for version in (8, 9, 10):
        answer = client.ask(request, version)
        assert [found.topic_authorized_operations for found in answer.topics] == [3576, 3576]
        assert answer.cluster_authorized_operations == 8096
    request.topics = [MetadataRequestTopic(name=None, topic_id=b"\x07" * 16)]
    assert client.ask(request, 12).topics[0].topic_authorized_operations == -(1 << 31)
    cluster = client.ask(DescribeClusterRequest(include_cluster_authorized_operations=True), 1)
    assert cluster.cluster_authorized_operations == 8096


@pytest.mark.parametrize("version", [0, 1, 2])
def test_the_cluster(server: Server, client: RawClient, version: int) -> None:
    answer = client.ask(DescribeClusterRequest(), version)
    assert (answer.error_code, answer.controller_id, len(answer.cluster_id)) == (0, 1, 22)
    assert [(broker.broker_id, broker.port) for broker in answer.brokers] == [(1, server.port)]


@pytest.mark.parametrize(
    ("endpoint_type", "code"),
    [
        (0, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE),
        (1, ErrorCode.NONE),
        (2, ErrorCode.MISMATCHED_ENDPOINT_TYPE),
        (3, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE),
    ],
)
def test_this_is_an_endpoint_of_brokers(client: RawClient, endpoint_type: int, code: ErrorCode) -> None:
    answer = client.ask(DescribeClusterRequest(endpoint_type=endpoint_type), 1)
    assert (answer.error_code, answer.endpoint_type) == (code, 1)
    assert bool(answer.error_message) == bool(code)
    assert answer.brokers == [] or not code


def test_no_broker_is_fenced(client: RawClient) -> None:
    answer = client.ask(DescribeClusterRequest(include_fenced_brokers=True), 2)
    assert [(broker.broker_id, broker.is_fenced) for broker in answer.brokers] == [(1, False)]
