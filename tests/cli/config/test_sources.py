"""The options that a broker is configured by."""

from __future__ import annotations

import click
from click.testing import CliRunner

from cordwood.cli.config.sources import FLAGS, Sources, source_options
from cordwood.node import sources as node_sources


@click.command()
@source_options
def configured(sources):
    """Says what it was given."""
    click.echo(f"{sources.file} {sources.sets} {dict(sources.flags)} {sources.is_empty}")


def test_nothing_is_given():
    assert CliRunner().invoke(configured, []).output == "None () {} True\n"


def test_all_is_given():
    arguments = ["--config", "f", "--set", "a=1", "--set", "b=2", "--data", "d", "--listen", "l", "--advertise", "a"]
    done = CliRunner().invoke(configured, [*arguments, "--http", "h", "--ready-file", "r"])
    flags = {
        "log.dirs": "d",
        "listeners": "l",
        "advertised.listeners": "a",
        "http.listener": "h",
        "ready.file": "r",
    }
    assert done.output == f"f ('a=1', 'b=2') {flags} False\n"


def test_each_alone_is_something():
    assert not Sources(file="f").is_empty
    assert not Sources(sets=("a=1",)).is_empty
    assert not Sources(flags={"a": "1"}).is_empty


def test_the_flags_are_those_that_the_node_tells_people():
    told = {setting: f"--{flag.replace('_', '-')}" for flag, setting in FLAGS.items()}
    assert told == dict(node_sources.FLAGS)
