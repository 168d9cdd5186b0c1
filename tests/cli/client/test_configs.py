"""Settings as a cluster keeps them."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import ConfigEntry, ConfigSource

from cordwood.cli.client.configs import Change, alter, describe, describe_all, origin_of
from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.options import Connection
from tests.cli.topic.kit import create


@pytest.fixture(scope="module")
def kafka(server):
    create(server, "orders")
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as made:
        yield made


def test_values_have_names_in_order_and_origins(kafka):
    values = describe(kafka, Kind.BROKER, "1")
    assert [value.name for value in values] == sorted(value.name for value in values)
    by_name = {value.name: value for value in values}
    assert by_name["offsets.topic.num.partitions"].origin == "static"
    assert by_name["num.partitions"].origin == "default"
    assert by_name["node.id"].is_read_only


def test_a_change_is_made_and_taken_back(kafka):
    assert alter(kafka, Kind.TOPIC, "orders", [Change("retention.ms", "7")], is_dry=False) is None
    (value,) = (value for value in describe(kafka, Kind.TOPIC, "orders") if value.origin == "topic")
    assert (value.name, value.text) == ("retention.ms", "7")
    assert value.overridden == (("log.retention.hours", "168", "default"),)
    assert value.to_row()["overrides"] == [{"name": "log.retention.hours", "value": "168", "origin": "default"}]
    assert alter(kafka, Kind.TOPIC, "orders", [Change("retention.ms", None)], is_dry=True) is None
    assert [value.name for value in describe(kafka, Kind.TOPIC, "orders") if value.origin == "topic"] == [
        "retention.ms"
    ]
    assert alter(kafka, Kind.TOPIC, "orders", [Change("retention.ms", None)], is_dry=False) is None
    assert [value.name for value in describe(kafka, Kind.TOPIC, "orders") if value.origin == "topic"] == []


def test_several_things_at_once(kafka):
    found = describe_all(kafka, Kind.TOPIC, ["none", "orders"])
    assert isinstance(found["none"], KafkaError)
    assert found["orders"] == describe(kafka, Kind.TOPIC, "orders")
    assert describe_all(kafka, Kind.TOPIC, []) == {}


def test_errors_are_values(kafka):
    assert isinstance(describe(kafka, Kind.TOPIC, "none"), KafkaError)
    error = alter(kafka, Kind.TOPIC, "orders", [Change("retention.ms", "soon")], is_dry=False)
    assert error is not None
    assert error.code() == KafkaError.INVALID_CONFIG


def test_origins_have_names():
    assert origin_of(ConfigEntry("a", "b", ConfigSource.GROUP_CONFIG)) == "group"
    assert origin_of(ConfigEntry("a", "b", ConfigSource.UNKNOWN_CONFIG)) == "unknown"
