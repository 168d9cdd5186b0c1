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


@pytest.mark.parametrize("name", ["x", "", "-1", "1.5"])
def test_what_is_no_broker(name):
    done = CliRunner().invoke(targeted, ["--broker", name])
    assert done.exit_code == 2
    assert "is no id of a broker; write a number, or all" in done.output


def test_all_brokers_and_those_that_are_not_there(server, capsys):
    outcomes = Outcomes()
    wanted = [Target(Kind.TOPIC, "all"), Target(Kind.BROKER, "all"), Target(Kind.BROKER, "1"), Target(Kind.BROKER, "7")]
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as kafka:
        found = expanded(kafka, wanted, outcomes)
    assert found == [Target(Kind.TOPIC, "all"), Target(Kind.BROKER, "1"), Target(Kind.BROKER, "1")]
    assert outcomes.code is Exit.NOT_FOUND
    assert capsys.readouterr().err == "error: there is no broker 7\n"
