"""Administration of a cluster: what one broker is told holds on all of them, and each answers for what is its own.

The brokers run as long as this module. What a test changes is of topics, groups, clients and subscriptions of its own, or is
put back.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, OffsetSpec, ResourceType

from cordwood.cli.main import main
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages import alter_client_quotas as quotas
from cordwood.wire.messages import alter_partition_reassignments as reassign
from cordwood.wire.messages import describe_configs, elect_leaders, incremental_alter_configs
from cordwood.wire.messages.alter_configs import AlterableConfig, AlterConfigsRequest, AlterConfigsResource
from cordwood.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from cordwood.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from cordwood.wire.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest
from cordwood.wire.messages.describe_client_quotas import ComponentData, DescribeClientQuotasRequest
from cordwood.wire.messages.describe_cluster import DescribeClusterRequest
from cordwood.wire.messages.describe_log_dirs import DescribeLogDirsRequest
from cordwood.wire.messages.describe_topic_partitions import DescribeTopicPartitionsRequest, TopicRequest
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.get_telemetry_subscriptions import GetTelemetrySubscriptionsRequest
from cordwood.wire.messages.list_config_resources import ListConfigResourcesRequest
from cordwood.wire.messages.list_partition_reassignments import ListPartitionReassignmentsRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from cordwood.wire.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from cordwood.wire.schema import Message
from tests.broker.handlers.messages import batch_of, produce, produce_request
from tests.cluster.nodes import ClusterOf, Node
from tests.raw_client import RawClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # It reads its schemas in a way that Python gives up.
    from kafka import KafkaAdminClient
    from kafka.admin import ConfigResource as PythonResource
    from kafka.admin import ConfigResourceType as PythonType

pytestmark = [pytest.mark.clients, pytest.mark.timeout(240)]

TOPIC, BROKER, CLIENT_METRICS, GROUP = 2, 4, 16, 32
"""Kinds of resources."""
SET, DELETE = 0, 1

_numbers = count()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterOf]:
    with ClusterOf(3, tmp_path_factory.mktemp("cluster")) as three:
        yield three


@pytest.fixture
def follower(cluster: ClusterOf) -> Node:
    """A broker that does not lead the quorum."""
    leader = cluster.leader()
    return next(node for node in cluster.running if node is not leader)


@pytest.fixture
def topic(follower: Node) -> str:
    """A new topic of six partitions, made by way of a broker that does not lead the quorum."""
    name = f"topic-{next(_numbers)}"
    (made,) = ask(follower, CreateTopicsRequest(topics=[CreatableTopic(name, 6, 1)]), 7).topics
    assert made.error_code == 0, made.error_message
    return name


def ask(node: Node, message: Message, version: int) -> Any:
    with RawClient(node.port) as client:
        return client.ask(message, version)


def leaders(node: Node, topic: str) -> dict[int, int]:
    """Who leads each partition."""
    (told,) = ask(node, MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12).topics
    return {partition.partition_index: partition.leader_id for partition in told.partitions}


def led_by(cluster: ClusterOf, topic: str) -> dict[int, int]:
    """A partition of each broker; every broker knows of the topic by then."""
    cluster.wait(lambda: all(len(leaders(node, topic)) == 6 for node in cluster.running))
    return {leader: partition for partition, leader in leaders(cluster.nodes[1], topic).items()}


def write(node: Node, topic: str, partition: int, size: int = 1) -> ErrorCode:
    """What becomes of a record of so many bytes."""
    with RawClient(node.port) as client:
        return ErrorCode(produce(client, topic, [bytes(size)], partition=partition).error_code)


def refusing(cluster: ClusterOf, topic: str, places: dict[int, int], size: int) -> set[int]:
    """The brokers to which a record of so many bytes is too large."""
    codes = {number: write(cluster.nodes[number], topic, partition, size) for number, partition in places.items()}
    return {number for number, code in codes.items() if code is ErrorCode.MESSAGE_TOO_LARGE}


def wait_ms(node: Node, topic: str, partition: int) -> int:
    """For how long the client is told to wait that wrote a record."""
    request = produce_request(topic, batch_of([bytes(5_000)]), partition=partition)
    return int(ask(node, request, 9).throttle_time_ms)


def alter(node: Node, kind: int, name: str, key: str, value: str | None) -> None:
    """Sets something through a broker; None takes it away."""
    change = incremental_alter_configs.AlterableConfig(key, SET if value is not None else DELETE, value)
    resource = incremental_alter_configs.AlterConfigsResource(kind, name, [change])
    (done,) = ask(node, incremental_alter_configs.IncrementalAlterConfigsRequest([resource]), 1).responses
    assert done.error_code == 0, done.error_message


def value(node: Node, kind: int, name: str, key: str) -> str | None:
    """A setting as a broker tells it."""
    wanted = describe_configs.DescribeConfigsResource(kind, name, [key])
    (result,) = ask(node, describe_configs.DescribeConfigsRequest([wanted]), 4).results
    assert result.error_code == 0, result.error_message
    return next((config.value for config in result.configs), None)


def limit(node: Node, client_id: str, rate: float | None) -> None:
    """Gives a client a quota of bytes that it may produce in a second; None takes it away."""
    entity = [quotas.EntityData("client-id", client_id)]
    change = quotas.OpData("producer_byte_rate", rate or 0.0, remove=rate is None)
    (done,) = ask(node, quotas.AlterClientQuotasRequest([quotas.EntryData(entity, [change])]), 1).entries
    assert done.error_code == 0, done.error_message


# Through whichever broker.


def test_leaders_are_spread_and_copies_are_refused(cluster: ClusterOf, follower: Node, topic: str) -> None:
    found = leaders(follower, topic)
    assert sorted(found.values()) == [1, 1, 2, 2, 3, 3]
    (refused,) = ask(follower, CreateTopicsRequest(topics=[CreatableTopic("copied", 3, 3)]), 7).topics
    assert refused.error_code == ErrorCode.INVALID_REPLICATION_FACTOR
    assert (
        refused.error_message == "3 replicas are not possible: Cordwood does not replicate partitions yet, each has 1"
    )
    grown = ask(follower, CreatePartitionsRequest([CreatePartitionsTopic(topic, 9)], 5000), 3).results
    assert [result.error_code for result in grown] == [0]
    cluster.wait(
        lambda: all(sorted(leaders(node, topic).values()) == [1, 1, 1, 2, 2, 2, 3, 3, 3] for node in cluster.running)
    )


def test_a_topic_that_one_broker_deletes_is_gone_from_all(cluster: ClusterOf, follower: Node, topic: str) -> None:
    places = led_by(cluster, topic)
    assert all(write(cluster.nodes[node], topic, partition) is ErrorCode.NONE for node, partition in places.items())
    (deleted,) = ask(follower, DeleteTopicsRequest(topic_names=[topic], timeout_ms=5000), 5).responses
    assert deleted.error_code == 0
    cluster.wait(lambda: all(topic not in node.topics() for node in cluster.running))
    for node, partition in places.items():
        assert write(cluster.nodes[node], topic, partition) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_moves_and_elections(follower: Node, topic: str) -> None:
    found = leaders(follower, topic)
    elected = elect_leaders.ElectLeadersRequest(0, [elect_leaders.TopicPartitions(topic, [0, 99])])
    (results,) = ask(follower, elected, 2).replica_election_results
    assert [result.error_code for result in results.partition_result] == [
        ErrorCode.ELECTION_NOT_NEEDED,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]
    assert ask(follower, elect_leaders.ElectLeadersRequest(0, None), 2).replica_election_results == []
    moves = [reassign.ReassignablePartition(0, [found[0]]), reassign.ReassignablePartition(1, [found[1] % 3 + 1])]
    wanted = reassign.AlterPartitionReassignmentsRequest(topics=[reassign.ReassignableTopic(topic, moves)])
    (moved,) = ask(follower, wanted, 1).responses
    stays, goes = moved.partitions
    assert stays.error_code == 0
    assert goes.error_code == ErrorCode.INVALID_REPLICA_ASSIGNMENT
    assert "does not replicate" in goes.error_message
    assert ask(follower, ListPartitionReassignmentsRequest(topics=None), 0).topics == []


def test_what_every_broker_tells_alike(cluster: ClusterOf, topic: str) -> None:
    led_by(cluster, topic)
    told = [
        (
            {broker.broker_id: broker.port for broker in ask(node, DescribeClusterRequest(), 2).brokers},
            [topic.name for topic in ask(node, DescribeTopicPartitionsRequest([TopicRequest(topic)]), 0).topics],
            {
                resource.resource_name
                for resource in ask(node, ListConfigResourcesRequest([BROKER]), 1).config_resources
            },
        )
        for node in cluster.running
    ]
    ports = {node.number: node.port for node in cluster.running}
    assert told == [(ports, [topic], {"1", "2", "3"})] * 3


# What is set through one broker holds on the others.


def test_a_setting_of_a_topic_is_acted_on_where_its_partitions_are(
    cluster: ClusterOf, follower: Node, topic: str
) -> None:
    places = led_by(cluster, topic)
    alter(follower, TOPIC, topic, "max.message.bytes", "500")
    cluster.wait(lambda: refusing(cluster, topic, places, 1000) == {1, 2, 3})
    assert not refusing(cluster, topic, places, 1)
    assert {value(node, TOPIC, topic, "max.message.bytes") for node in cluster.running} == {"500"}
    replaced = AlterConfigsResource(TOPIC, topic, [AlterableConfig("retention.ms", "60000")])
    (done,) = ask(follower, AlterConfigsRequest([replaced]), 2).responses
    assert done.error_code == 0, done.error_message
    cluster.wait(lambda: not refusing(cluster, topic, places, 1000))


def test_settings_of_one_broker_and_of_all(cluster: ClusterOf, follower: Node, topic: str) -> None:
    """By way of a broker that is neither the one that is meant nor the leader of the quorum."""
    places = led_by(cluster, topic)
    meant = next(node for node in cluster.running if node is not follower)
    key = "message.max.bytes"
    alter(follower, BROKER, str(meant.number), key, "1500")
    cluster.wait(lambda: refusing(cluster, topic, places, 2000) == {meant.number})
    assert value(meant, BROKER, str(meant.number), key) == "1500"
    alter(follower, BROKER, "", key, "1200")
    cluster.wait(lambda: refusing(cluster, topic, places, 2000) == {1, 2, 3})
    assert [value(node, BROKER, str(node.number), key) for node in cluster.running if node is not meant] == ["1200"] * 2
    assert value(meant, BROKER, str(meant.number), key) == "1500"
    alter(follower, BROKER, str(meant.number), key, None)
    cluster.wait(lambda: value(meant, BROKER, str(meant.number), key) == "1200")
    alter(follower, BROKER, "", key, None)
    cluster.wait(lambda: not refusing(cluster, topic, places, 2000))


def test_a_quota_holds_on_each_broker(cluster: ClusterOf, follower: Node, topic: str) -> None:
    places = led_by(cluster, topic)

    def held_up() -> set[int]:
        """The brokers that tell the client to wait."""
        return {number for number, partition in places.items() if wait_ms(cluster.nodes[number], topic, partition)}

    limit(follower, "raw", 1000.0)
    cluster.wait(lambda: held_up() == {1, 2, 3})
    wanted = DescribeClientQuotasRequest([ComponentData("client-id", 0, "raw")], strict=True)
    for node in cluster.running:
        (entry,) = ask(node, wanted, 1).entries
        assert [(value.key, value.value) for value in entry.values] == [("producer_byte_rate", 1000.0)]
    limit(follower, "raw", None)
    cluster.wait(lambda: not held_up())


def test_subscriptions_to_metrics_are_told_by_each_broker(cluster: ClusterOf, follower: Node) -> None:
    name, metric = "of-the-cluster", "org.apache.kafka.producer."
    alter(follower, CLIENT_METRICS, name, "metrics", metric)

    def told(node: Node) -> Any:
        return ask(node, GetTelemetrySubscriptionsRequest(), 0).requested_metrics

    cluster.wait(lambda: all(told(node) == [metric] for node in cluster.running))
    assert {value(node, CLIENT_METRICS, name, "metrics") for node in cluster.running} == {metric}
    alter(follower, CLIENT_METRICS, name, "metrics", None)
    cluster.wait(lambda: not any(map(told, cluster.running)))


def test_a_groups_setting_is_acted_on_by_its_coordinator(cluster: ClusterOf, topic: str) -> None:
    """Each broker coordinates some group; the setting is made by way of another one."""
    groups: dict[int, str] = {}
    for number in range(60):
        name = f"group-{number}"
        found = ask(cluster.nodes[1], FindCoordinatorRequest(key=name), 3)
        assert found.error_code == 0, found.error_message
        groups[found.node_id] = name
    assert groups.keys() == {1, 2, 3}
    for number, name in groups.items():
        alter(cluster.nodes[number % 3 + 1], GROUP, name, "consumer.heartbeat.interval.ms", "6000")
    cluster.wait(
        lambda: [heartbeat_ms(cluster.nodes[number], name, topic) for number, name in groups.items()] == [6000] * 3
    )


def heartbeat_ms(coordinator: Node, group: str, topic: str) -> Any:
    """What somebody who joins a group is told of its pace."""
    joining = ConsumerGroupHeartbeatRequest(
        group_id=group,
        member_id="m",
        member_epoch=0,
        rebalance_timeout_ms=10_000,
        subscribed_topic_names=[topic],
        topic_partitions=[],
    )
    return ask(coordinator, joining, 1).heartbeat_interval_ms


def test_levels_of_features_are_those_of_the_cluster(cluster: ClusterOf, follower: Node) -> None:
    def give(level: int, way: int) -> None:
        wanted = [FeatureUpdateKey("transaction.version", level, upgrade_type=way)]
        done = ask(follower, UpdateFeaturesRequest(feature_updates=wanted), 2)
        assert done.error_code == 0, done.error_message

    def level(node: Node) -> int | None:
        told = ask(node, ApiVersionsRequest("t", "1"), 4).finalized_features
        return next((one.max_version_level for one in told if one.name == "transaction.version"), None)

    give(1, 2)
    cluster.wait(lambda: [level(node) for node in cluster.running] == [1, 1, 1])
    give(2, 1)
    cluster.wait(lambda: [level(node) for node in cluster.running] == [2, 2, 2])


# What is a broker's own.


def test_clients_ask_each_broker_for_its_own_settings(cluster: ClusterOf) -> None:
    admin = AdminClient({"bootstrap.servers": cluster.nodes[1].address})
    key = "log.cleaner.backoff.ms"
    changes = [ConfigEntry(key, "14000", incremental_operation=AlterConfigOpType.SET)]
    wanted = [ConfigResource(ResourceType.BROKER, "3", incremental_configs=changes)]
    for future in admin.incremental_alter_configs(wanted).values():
        future.result(20)
    cluster.wait(lambda: value(cluster.nodes[3], BROKER, "3", key) == "14000")
    for number in (1, 2, 3):
        (future,) = admin.describe_configs([ConfigResource(ResourceType.BROKER, str(number))]).values()
        told = future.result(20)
        assert told["node.id"].value == str(number)
        assert (told[key].value == "14000") is (number == 3)
    other = KafkaAdminClient(bootstrap_servers=cluster.nodes[1].address)
    try:
        told = other.describe_configs([PythonResource(PythonType.BROKER, str(number)) for number in (1, 2, 3)])[
            "broker"
        ]
    finally:
        other.close()
    assert {number: list(changed) for number, changed in told.items()} == {"1": [], "2": [], "3": [key]}
    misled = describe_configs.DescribeConfigsRequest([describe_configs.DescribeConfigsResource(BROKER, "2")])
    (refused,) = ask(cluster.nodes[1], misled, 4).results
    assert refused.error_code == ErrorCode.INVALID_REQUEST
    assert "ask broker 2 itself" in refused.error_message


def test_each_broker_tells_and_moves_what_lies_in_its_own_directories(cluster: ClusterOf, topic: str) -> None:
    places = led_by(cluster, topic)
    for number, partition in places.items():
        node = cluster.nodes[number]
        write(node, topic, partition, 300)
        (directory,) = ask(node, DescribeLogDirsRequest(topics=None), 4).results
        assert directory.total_bytes > directory.usable_bytes > 0
        (mine,) = [held for held in directory.topics if held.name == topic]
        own = [index for index, leader in leaders(node, topic).items() if leader == number]
        assert [held.partition_index for held in mine.partitions] == own
        assert sum(held.partition_size for held in mine.partitions) > 300
        elsewhere = next(other for other in places.values() if other != partition)
        wish = AlterReplicaLogDir(directory.log_dir, [AlterReplicaLogDirTopic(topic, [partition, elsewhere])])
        (moved,) = ask(node, AlterReplicaLogDirsRequest([wish]), 2).results
        codes = {one.partition_index: one.error_code for one in moved.partitions}
        assert codes == {partition: ErrorCode.NONE, elsewhere: ErrorCode.NOT_LEADER_OR_FOLLOWER}


def test_records_are_deleted_on_several_brokers_at_once(cluster: ClusterOf, topic: str) -> None:
    places = led_by(cluster, topic)
    for number, partition in places.items():
        for _ in range(3):
            assert write(cluster.nodes[number], topic, partition) is ErrorCode.NONE
    admin = AdminClient({"bootstrap.servers": cluster.nodes[1].address})
    doomed = [TopicPartition(topic, partition, offset) for offset, partition in enumerate(places.values(), 1)]
    starts = {one.partition: future.result(20).low_watermark for one, future in admin.delete_records(doomed).items()}
    assert starts == {one.partition: one.offset for one in doomed}
    firsts = {TopicPartition(topic, partition): OffsetSpec.earliest() for partition in places.values()}
    told = {one.partition: future.result(20).offset for one, future in admin.list_offsets(firsts).items()}
    assert told == starts


# `cordwood`, told of all brokers, when one is dead.


def test_the_command_line_when_a_broker_is_dead(cluster: ClusterOf, topic: str) -> None:
    places = led_by(cluster, topic)
    dead = next(node for node in cluster.running if node is not cluster.leader())
    lost = [partition for partition, leader in leaders(dead, topic).items() if leader == dead.number]
    silent = [f"error: {topic}, partition {partition}: the broker that leads it does not answer" for partition in lost]
    assert places.keys() == {1, 2, 3}
    dead.process.kill()
    try:
        health = told(cluster, 10, "cluster", "health", "-o", "json")
        (finding,) = json.loads(health.stdout)["findings"]
        assert (finding["code"], finding["about"]) == ("unreachable-broker", f"broker {dead.number}")
        assert "nobody can write or read there" in finding["text"]
        doctor = told(cluster, 10, "doctor")
        assert f"broker {dead.number} at {dead.address}  nobody listens there" in doctor.stdout
        assert len(json.loads(told(cluster, 0, "cluster", "info", "-o", "json").stdout)["brokers"]) == 3
        assert topic in told(cluster, 0, "topic", "list").stdout
        described = told(cluster, 6, "topic", "describe", topic, "-o", "json")
        assert described.stderr.splitlines() == silent
        (value,) = json.loads(described.stdout)
        assert [one["partition"] for one in value["partitions"] if one["end"] is None] == lost
        asked = told(cluster, 6, "config", "get", "node.id", "--broker", "all")
        assert asked.stderr.startswith(f"error: broker {dead.number}: it does not answer")
        assert told(cluster, 6, "group", "list").stderr.startswith("error: a broker does not tell its groups")
        assert told(cluster, 0, "topic", "create", "meanwhile").stderr == ""
        assert told(cluster, 0, "topic", "delete", "meanwhile", "--yes").stderr == ""
    finally:
        dead.start()
    assert told(cluster, 0, "cluster", "health", "--wait", "20").exit_code == 0


def told(cluster: ClusterOf, code: int, *arguments: str) -> Result:
    """What a command says that must end with this code."""
    result = CliRunner().invoke(main, [*arguments, "-b", cluster.servers, "--timeout", "2"], catch_exceptions=False)
    assert result.exit_code == code, (result.stdout, result.stderr)
    return result
