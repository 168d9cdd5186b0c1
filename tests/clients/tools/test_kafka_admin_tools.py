"""Kafka's tools that look at a cluster and change it, each run against a broker, and what they say word for word.

The broker is the tests' own, since the tools see all of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import run_broker
from tests.clients.harness.broker import Broker
from tests.clients.tools.kafka_tools import KafkaTools, kafka_tools
from tests.clients.tools.topics import Admin, send, send_in_transaction

TOPIC_ID = re.compile(r"TopicId: [\w-]{22}")
API = re.compile(r"\t(\w+)\((\d+)\): (?:(\d+) to )?(\d+) \[usable: (\d+)\],?")


@pytest.fixture(scope="module")
def own_broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("tools")))


@pytest.fixture(scope="module")
def tools(own_broker: Broker) -> Iterator[KafkaTools]:
    with kafka_tools(own_broker) as running:
        yield running


@pytest.fixture
def orders(tools: KafkaTools, topic: str) -> str:
    """A topic of two partitions; the first has 10 records, the second none."""
    Admin(tools.bootstrap).create(topic, 2)
    send(tools.bootstrap, topic, ((None, f"record {number}") for number in range(10)), partition=0)
    return topic


def test_topics(tools: KafkaTools, topic: str) -> None:
    created = tools.run(
        "kafka-topics", "--create", "--topic", topic, "--partitions", "2", "--config", "retention.ms=99"
    )
    assert created.lines == [f"Created topic {topic}."]
    assert topic in tools.run("kafka-topics", "--list").lines
    again = tools.try_to_run("kafka-topics", "--create", "--topic", topic)
    assert again.code == 1
    assert "TopicExistsException" in again.err

    tools.run("kafka-topics", "--alter", "--topic", topic, "--partitions", "3")
    described = tools.run("kafka-topics", "--describe", "--topic", topic)
    assert [TOPIC_ID.sub("TopicId: ID", " ".join(cells)) for cells in described.cells] == [
        f"Topic: {topic} TopicId: ID PartitionCount: 3 ReplicationFactor: 1 Configs: retention.ms=99",
        f"Topic: {topic} Partition: 0 Leader: 1 Replicas: 1 Isr: 1 Elr: LastKnownElr:",
        f"Topic: {topic} Partition: 1 Leader: 1 Replicas: 1 Isr: 1 Elr: LastKnownElr:",
        f"Topic: {topic} Partition: 2 Leader: 1 Replicas: 1 Isr: 1 Elr: LastKnownElr:",
    ]
    assert tools.run("kafka-topics", "--describe", "--under-replicated-partitions").lines == []

    tools.run("kafka-topics", "--delete", "--topic", topic)
    assert topic not in tools.run("kafka-topics", "--list").lines


def test_configs_of_topics(tools: KafkaTools, orders: str) -> None:
    entity = ("--entity-type", "topics", "--entity-name", orders)
    changed = tools.run(
        "kafka-configs", *entity, "--alter", "--add-config", "retention.ms=5000,cleanup.policy=[compact,delete]"
    )
    assert changed.lines == [f"Completed updating config for topic {orders}."]
    policy = "DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete"
    retention = "DYNAMIC_TOPIC_CONFIG:retention.ms=5000, DEFAULT_CONFIG:log.retention.hours=168"
    assert tools.run("kafka-configs", *entity, "--describe").lines == [
        f"Dynamic configs for topic {orders} are:",
        f"  cleanup.policy=compact,delete sensitive=false synonyms={{{policy}}}",
        f"  retention.ms=5000 sensitive=false synonyms={{{retention}}}",
    ]
    tools.run("kafka-configs", *entity, "--alter", "--delete-config", "retention.ms,cleanup.policy")
    assert tools.run("kafka-configs", *entity, "--describe").lines == [f"Dynamic configs for topic {orders} are:"]
    every = tools.run("kafka-configs", *entity, "--describe", "--all")
    assert "  retention.ms=604800000 sensitive=false synonyms={DEFAULT_CONFIG:log.retention.hours=168}" in every.lines
    refused = tools.try_to_run("kafka-configs", *entity, "--alter", "--add-config", "nonsense=1")
    assert refused.code == 1
    assert "InvalidConfigurationException: " in refused.err


@pytest.mark.parametrize(
    ("entity", "about", "setting"),
    [
        (
            ("brokers", "--entity-default"),
            "Default configs for brokers in the cluster are:",
            "log.retention.ms=7200000",
        ),
        (("brokers", "--entity-name", "1"), "Dynamic configs for broker 1 are:", "log.retention.ms=3600000"),
        (("groups", "--entity-name", "g"), "Dynamic configs for group g are:", "consumer.session.timeout.ms=50000"),
        (("client-metrics", "--entity-name", "m"), "Dynamic configs for client-metric m are:", "interval.ms=30000"),
    ],
)
def test_configs_of_other_things(tools: KafkaTools, entity: tuple[str, ...], about: str, setting: str) -> None:
    arguments = ("--entity-type", *entity)
    name, _, value = setting.partition("=")
    tools.run("kafka-configs", *arguments, "--alter", "--add-config", setting)
    first, second = tools.run("kafka-configs", *arguments, "--describe").lines
    assert first == about
    assert second.startswith(f"  {name}={value} sensitive=false synonyms={{DYNAMIC_")
    tools.run("kafka-configs", *arguments, "--alter", "--delete-config", name)
    assert setting not in tools.run("kafka-configs", *arguments, "--describe").out


def test_quotas_by_configs(tools: KafkaTools) -> None:
    entity = ("--entity-type", "clients", "--entity-name", "reporter")
    tools.run("kafka-configs", *entity, "--alter", "--add-config", "producer_byte_rate=1024,consumer_byte_rate=2048")
    (line,) = tools.run("kafka-configs", *entity, "--describe").lines
    assert line.startswith("Quota configs for client-id 'reporter' are ")
    assert set(line.split(" are ")[1].split(", ")) == {"consumer_byte_rate=2048.0", "producer_byte_rate=1024.0"}
    tools.run("kafka-configs", *entity, "--alter", "--delete-config", "producer_byte_rate,consumer_byte_rate")
    assert tools.run("kafka-configs", *entity, "--describe").lines == []


def test_consumer_groups(tools: KafkaTools, orders: str) -> None:
    group = f"group-{orders}"
    Admin(tools.bootstrap).commit(group, orders, {0: 4, 1: 0})
    assert [group, "Empty"] in tools.run("kafka-consumer-groups", "--list", "--state").cells
    assert tools.run("kafka-consumer-groups", "--describe", "--group", group).cells[1:] == [
        [group, orders, "0", "4", "10", "6", "-", "-", "-"],
        [group, orders, "1", "0", "0", "0", "-", "-", "-"],
    ]
    state = tools.run("kafka-consumer-groups", "--describe", "--group", group, "--state").cells[1]
    assert state == [group, tools.bootstrap, "(1)", "-", "Empty", "0"]

    reset = ("--group", group, "--topic", f"{orders}:0", "--reset-offsets")
    planned = tools.run("kafka-consumer-groups", *reset, "--shift-by", "3", "--dry-run")
    assert planned.cells[1:] == [[group, orders, "0", "7"]]
    done = tools.run("kafka-consumer-groups", *reset, "--to-latest", "--execute")
    assert done.cells[1:] == [[group, orders, "0", "10"]]
    assert Admin(tools.bootstrap).committed(group, orders) == {0: 10, 1: 0}

    forgotten = tools.run("kafka-consumer-groups", "--group", group, "--delete-offsets", "--topic", f"{orders}:1")
    assert forgotten.cells[-1] == [orders, "1", "Successful"]
    assert Admin(tools.bootstrap).committed(group, orders) == {0: 10}
    deleted = tools.run("kafka-consumer-groups", "--group", group, "--delete")
    assert deleted.lines == [f"Deletion of requested consumer groups ('{group}') was successful."]
    assert group not in tools.run("kafka-consumer-groups", "--list").lines


def test_get_offsets(tools: KafkaTools, orders: str) -> None:
    arguments = ("kafka-get-offsets", "--topic", orders)
    assert tools.run(*arguments).lines == [f"{orders}:0:10", f"{orders}:1:0"]
    assert tools.run(*arguments, "--time", "earliest").lines == [f"{orders}:0:0", f"{orders}:1:0"]
    # By a time that all records are later than.
    by_time = tools.run("kafka-get-offsets", "--topic-partitions", f"{orders}:0", "--time", "1")
    assert by_time.lines == [f"{orders}:0:0"]


def test_log_dirs(tools: KafkaTools, orders: str) -> None:
    said = tools.run("kafka-log-dirs", "--describe", "--topic-list", orders)
    assert said.lines[:2] == [
        "Querying brokers for log directories information",
        "Received log directory information from brokers 1",
    ]
    (broker,) = json.loads(said.lines[2])["brokers"]
    (directory,) = broker["logDirs"]
    assert (broker["broker"], directory["error"]) == (1, None)
    sizes = {one["partition"]: one["size"] for one in directory["partitions"]}
    assert set(sizes) == {f"{orders}-0", f"{orders}-1"}
    assert sizes[f"{orders}-0"] > 0
    assert sizes[f"{orders}-1"] == 0


def test_broker_api_versions(tools: KafkaTools) -> None:
    said = tools.run("kafka-broker-api-versions")
    assert said.lines[0] == f"{tools.bootstrap} (id: 1 rack: null isFenced: false) -> ("
    usable = {match[1]: int(match[5]) for line in said.out.splitlines() if (match := API.fullmatch(line))}
    assert usable["Produce"] == 13
    assert usable["Fetch"] == 18
    assert usable["ConsumerGroupHeartbeat"] == 1
    assert usable["DescribeTopicPartitions"] == 0
    assert all(said.out.count(f"\t{name}(") == 1 for name in usable)


def test_delete_records(tools: KafkaTools, orders: str, tmp_path: Path) -> None:
    place = {"topic": orders, "partition": 0, "offset": 3}
    said = tools.run(
        "kafka-delete-records", "--offset-json-file", written(tmp_path, {"partitions": [place], "version": 1})
    )
    assert said.lines[-1] == f"partition: {orders}-0\tlow_watermark: 3"
    assert Admin(tools.bootstrap).starts(orders) == {0: 3, 1: 0}


def test_features(tools: KafkaTools) -> None:
    levels = {cells[1]: cells[7] for cells in tools.run("kafka-features", "describe").cells}
    assert levels == {
        "group.version": "1",
        "kraft.version": "1",
        "metadata.version": levels["metadata.version"],
        "transaction.version": "2",
    }
    assert levels["metadata.version"].startswith("4.3")
    upgrade = ("kafka-features", "upgrade", "--feature")
    assert tools.run(*upgrade, "transaction.version=2", "--dry-run").lines == [
        "transaction.version can be upgraded to 2."
    ]
    refused = tools.try_to_run(*upgrade, "transaction.version=9")
    assert refused.code == 1


def test_cluster(tools: KafkaTools) -> None:
    (line,) = tools.run("kafka-cluster", "cluster-id").lines
    assert re.fullmatch(r"Cluster ID: [\w-]{22}", line)
    host, port = tools.bootstrap.split(":")
    endpoints = tools.run("kafka-cluster", "list-endpoints")
    assert endpoints.cells[1] == ["1", host, port, "null", "unfenced", "broker"]


def test_leader_election(tools: KafkaTools, orders: str) -> None:
    said = tools.run("kafka-leader-election", "--election-type", "preferred", "--topic", orders, "--partition", "0")
    assert said.lines == [f"Valid replica already elected for partitions {orders}-0"]


def test_reassign_partitions(tools: KafkaTools, orders: str, tmp_path: Path) -> None:
    partitions = [{"topic": orders, "partition": 0, "replicas": [1]}]
    plan = ("--reassignment-json-file", written(tmp_path, {"partitions": partitions, "version": 1}))
    executed = tools.run("kafka-reassign-partitions", *plan, "--execute")
    assert executed.lines[-1] == f"Successfully started partition reassignment for {orders}-0"
    verified = tools.run("kafka-reassign-partitions", *plan, "--verify")
    assert verified.lines[1] == f"Reassignment of partition {orders}-0 is completed."
    assert tools.run("kafka-reassign-partitions", "--list").lines == ["No partition reassignments found."]


def test_transactions(tools: KafkaTools, orders: str) -> None:
    transactional_id = f"seller-{orders}"
    send_in_transaction(tools.bootstrap, transactional_id, orders, 1)
    listed = tools.run("kafka-transactions", "list").cells
    assert [cells[3] for cells in listed if cells[0] == transactional_id] == ["CompleteCommit"]
    described = tools.run("kafka-transactions", "describe", "--transactional-id", transactional_id).cells
    row = dict(zip(described[0], described[1], strict=False))
    assert (row["CoordinatorId"], row["TransactionalId"], row["TransactionState"]) == (
        "1",
        transactional_id,
        "CompleteCommit",
    )
    producers = tools.run("kafka-transactions", "describe-producers", "--topic", orders, "--partition", "1").cells
    assert [cells[-1] for cells in producers[1:]] == ["None"]
    hanging = tools.run("kafka-transactions", "find-hanging", "--topic", orders)
    assert len(hanging.lines) == 1


def test_metadata_quorum(tools: KafkaTools) -> None:
    status = dict(line.split(":", 1) for line in tools.run("kafka-metadata-quorum", "describe", "--status").lines)
    assert (status["LeaderId"].strip(), status["MaxFollowerLag"].strip()) == ("1", "0")
    assert f"PLAINTEXT://{tools.bootstrap}" in status["CurrentVoters"]
    replication = tools.run("kafka-metadata-quorum", "describe", "--replication").cells
    assert (replication[1][0], replication[1][-1]) == ("1", "Leader")


def test_client_metrics(tools: KafkaTools) -> None:
    name = ("--name", "basic")
    changed = tools.run(
        "kafka-client-metrics", "--alter", *name, "--metrics", "org.apache.kafka.", "--interval", "9000"
    )
    assert changed.lines == ["Altered client metrics config for basic."]
    assert tools.run("kafka-client-metrics", "--list").lines == ["basic"]
    assert tools.run("kafka-client-metrics", "--describe", *name).lines == [
        "Client metrics configs for basic are:",
        "  interval.ms=9000",
        "  match=",
        "  metrics=org.apache.kafka.",
    ]
    tools.run("kafka-client-metrics", "--delete", *name)
    assert tools.run("kafka-client-metrics", "--list").lines == []


def test_acls_are_refused_as_kafka_does_without_an_authorizer(tools: KafkaTools) -> None:
    refused = tools.try_to_run("kafka-acls", "--list")
    assert refused.code == 1
    assert "SecurityDisabledException: No Authorizer is configured." in refused.out


def test_groups(tools: KafkaTools, orders: str) -> None:
    group = f"listed-{orders}"
    Admin(tools.bootstrap).commit(group, orders, {0: 1})
    assert [cells[:2] for cells in tools.run("kafka-groups", "--list").cells if cells[0] == group] == [
        [group, "Classic"]
    ]


def written(folder: Path, value: dict[str, Any]) -> str:
    """A file with this JSON."""
    path = folder / "plan.json"
    path.write_text(json.dumps(value))
    return str(path)
