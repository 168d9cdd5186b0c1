"""Which topics a command is about."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.topic.choosing import chosen_topics, is_glob, point_of
from tests.cli.topic.kit import create


@pytest.fixture(scope="module")
def kafka(server):
    create(server, "a", "ab", "b", "__consumer_offsets")
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as made:
        yield made


@pytest.mark.parametrize(
    ("wanted", "is_regex", "names"),
    [
        (["b", "a*", "ab"], False, ["b", "a", "ab"]),
        (["none"], False, ["none"]),
        (["*"], False, ["a", "ab", "b"]),
        (["__consumer_offsets"], False, ["__consumer_offsets"]),
        (["a.?", "b"], True, ["a", "ab", "b"]),
        ([".*offsets"], True, []),
    ],
)
def test_choice(kafka, capsys, wanted, is_regex, names):
    outcomes = Outcomes()
    assert chosen_topics(kafka, wanted, outcomes, is_regex=is_regex) == names
    assert outcomes.code is (Exit.OK if names else Exit.NOT_FOUND)
    assert capsys.readouterr().err == ("" if names else "error: no topic fits .*offsets\n")


def test_names_of_topics_are_no_globs():
    assert [name for name in ("a", "a.b-c_d", "a*", "a?", "[a]") if is_glob(name)] == ["a*", "a?", "[a]"]


@click.command()
@click.option("--at", callback=point_of)
def place(at):
    """Says where."""
    click.echo(repr(at))


def test_offsets_as_options():
    assert CliRunner().invoke(place, []).output == "None\n"
    assert CliRunner().invoke(place, ["--at", "end"]).output == "End()\n"
    assert CliRunner().invoke(place, ["--at", "@-1h"]).output.startswith("AtTime(timestamp_ms=")
    done = CliRunner().invoke(place, ["--at", "soon"])
    assert done.exit_code == 2
    assert "'soon' is no offset" in done.output
