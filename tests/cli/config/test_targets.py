"""Whose settings are meant."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.options import Connection
from cordwood.cli.config.targets import Target, expanded, target_options
from cordwood.cli.terminal.exits import Exit, Outcomes


@click.command()
@target_options
def targeted(targets):
    """Says whom it got."""
    click.echo(", ".join(map(str, targets)))


def test_several():
    arguments = ["--group", "g", "--topic", "a", "--broker", "1", "--topic", "b", "--topic", "a", "--broker", "all"]
    done = CliRunner().invoke(targeted, arguments)
    assert done.output == "topic a, topic b, broker 1, broker all, group g\n"
    assert CliRunner().invoke(targeted, []).output == "\n"


def test_others():
    arguments = ["--client-metrics", "m", "--broker-loggers", "1", "--broker", "default"]
    assert CliRunner().invoke(targeted, arguments).output == "broker default, client-metrics m, broker-loggers 1\n"
    assert CliRunner().invoke(targeted, ["--broker-loggers", "default"]).exit_code == 2


def test_what_librdkafka_has_no_call_for():
    direct = [Target(Kind.BROKER, "default"), Target(Kind.CLIENT_METRICS, "m"), Target(Kind.BROKER_LOGGERS, "1")]
    assert all(target.is_direct for target in direct)
    assert [target.resource_name for target in direct] == ["", "m", "1"]
    others = [Target(Kind.BROKER, "1"), Target(Kind.TOPIC, "default"), Target(Kind.GROUP, "g")]
    assert not any(target.is_direct for target in others)
    assert [target.resource_name for target in others] == ["1", "default", "g"]


@pytest.mark.parametrize("name", ["x", "", "-1", "1.5"])
def test_what_is_no_broker(name):
    done = CliRunner().invoke(targeted, ["--broker", name])
    assert done.exit_code == 2
    assert "is no id of a broker; write a number, or all or default" in done.output


def test_all_brokers_and_those_that_are_not_there(server, capsys):
    outcomes = Outcomes()
    wanted = [Target(Kind.TOPIC, "all"), Target(Kind.BROKER, "all"), Target(Kind.BROKER, "1"), Target(Kind.BROKER, "7")]
    wanted += [Target(Kind.BROKER, "default"), Target(Kind.BROKER_LOGGERS, "all"), Target(Kind.BROKER_LOGGERS, "8")]
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as kafka:
        found = expanded(kafka, wanted, outcomes)
    assert list(map(str, found)) == ["topic all", "broker 1", "broker 1", "broker default", "broker-loggers 1"]
    assert outcomes.code is Exit.NOT_FOUND
    assert capsys.readouterr().err == "error: there is no broker 7\nerror: there is no broker 8\n"
