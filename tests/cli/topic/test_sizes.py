"""How many bytes partitions take."""

from __future__ import annotations

import pytest
from confluent_kafka import Node, TopicPartitionInfo, Uuid
from confluent_kafka.admin import TopicDescription

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.options import Connection
from cordwood.cli.topic.sizes import sizes
from tests.cli.client.silent import refused_address
from tests.cli.topic.kit import create, produce


@pytest.fixture(scope="module")
def kafka(server):
    create(server, "orders", "-p", "3", "-c", "retention.ms=-1")
    create(server, "plain")
    produce(server, "orders", 2, [1])
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as made:
        yield made


def test_leaders_tell_sizes(kafka):
    told = sizes(kafka, [found for _, found in kafka.topics(["orders", "plain"])])
    assert sorted(told) == [("orders", 0), ("orders", 1), ("orders", 2), ("plain", 0)]
    assert told["orders", 2] > 60
    assert sum(told.values()) == told["orders", 2]
    assert sizes(kafka, []) == {}


def test_leaders_that_are_not_there(kafka, capsys):
    host, _, port = refused_address().partition(":")
    partitions = [
        TopicPartitionInfo(0, Node(7, host, int(port)), [], []),
        TopicPartitionInfo(1, Node(-1, "", -1), [], []),
    ]
    topic = TopicDescription("lost", Uuid(0, 0), False, partitions)
    assert sizes(kafka, [topic]) == {}
    said = capsys.readouterr().err
    assert said.startswith(f"warning: {host}:{port} does not tell the sizes of what it leads: ")
    assert said.count("\n") == 1
