"""Names of topics and groups for the completion of shells."""

from __future__ import annotations

import click
import pytest
from click.core import ParameterSource
from confluent_kafka import Consumer, TopicPartition

from cordwood.cli.client.completing import complete_groups, complete_settings, complete_topics
from tests.cli.client.silent import refused_address, silent_server
from tests.cli.topic.kit import create

COMMAND = click.Command("ask")
NAME = click.Argument(["name"])


def context(**params):
    """What was typed so far: some of the options, and patience, for this machine may be busy."""
    made = click.Context(COMMAND)
    made.params = {"timeout_s": 60.0, **params}
    made.set_parameter_source("timeout_s", ParameterSource.COMMANDLINE)
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


def test_whoever_says_nothing_is_kept_waiting_for_a_second():
    with silent_server() as address:
        made = context(bootstrap_servers=address)
        made.set_parameter_source("timeout_s", ParameterSource.DEFAULT)
        assert complete_topics(made, NAME, "") == []


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
