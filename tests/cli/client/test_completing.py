"""Names of topics and groups for the completion of shells."""

from __future__ import annotations

import click
import pytest
from confluent_kafka import Consumer, TopicPartition

from cordwood.cli.client.completing import complete_groups, complete_settings, complete_topics
from tests.cli.client.silent import refused_address
from tests.cli.topic.kit import create

COMMAND = click.Command("ask")
NAME = click.Argument(["name"])


def context(**params):
    made = click.Context(COMMAND)
    made.params = params
    return made


@pytest.fixture(scope="module")
def here(server):
    create(server, "orders", "plain", "__mine")
    consumer = Consumer({"bootstrap.servers": server.bootstrap_servers, "group.id": "billing"})
    consumer.commit(offsets=[TopicPartition("orders", 0, 0)], asynchronous=False)
    consumer.close()
    return context(bootstrap_servers=server.bootstrap_servers, properties=None, client_config=None)


@pytest.mark.parametrize(
    ("incomplete", "names"),
    [("", ["orders", "plain"]), ("o", ["orders"]), ("__m", ["__mine"]), ("x", [])],
)
def test_topics(here, incomplete, names):
    assert complete_topics(here, NAME, incomplete) == names


def test_groups(here):
    assert complete_groups(here, NAME, "") == ["billing"]
    assert complete_groups(here, NAME, "x") == []


def test_the_environment_names_the_cluster(here, monkeypatch):
    monkeypatch.setenv("CORDWOOD_BOOTSTRAP_SERVERS", here.params["bootstrap_servers"])
    assert complete_topics(context(), NAME, "pl") == ["plain"]


@pytest.mark.parametrize(
    ("params", "incomplete", "names"),
    [
        ({}, "num.part", ["num.partitions"]),
        ({"topics": ("a",)}, "retention", ["retention.bytes", "retention.ms"]),
        ({"groups": ("a",)}, "retention", []),
        ({"client_metrics": ("a",)}, "", ["interval.ms", "match", "metrics"]),
    ],
)
def test_settings(params, incomplete, names):
    assert complete_settings(context(**params), NAME, incomplete) == names


@pytest.mark.parametrize(
    "params",
    [
        {"bootstrap_servers": refused_address()},
        {"bootstrap_servers": "nowhere.invalid:1"},
        {"properties": {"no.such": "property"}},
    ],
)
def test_nothing_is_said_where_nobody_can_be_asked(capfd, params):
    assert complete_topics(context(**params), NAME, "") == []
    assert complete_groups(context(**params), NAME, "") == []
    assert capfd.readouterr() == ("", "")
