"""`cordwood topic config`.

Lives here: its options and columns. Must not live here: settings of other things (`config`), asking (`client.configs`).
"""

from __future__ import annotations

from typing import Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.configs import Change, alter, describe
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.options import Connection, connection_options, pairs
from cordwood.cli.terminal.arguments import dry_run_option
from cordwood.cli.terminal.exits import fail
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.cli.topic.changes import TOPIC, status_column

NAME: Final = Column("NAME", "name")
VALUE: Final = Column("VALUE", "value")
SHOWN: Final = (NAME, VALUE, Column("ORIGIN", "origin"))


@click.command()
@click.argument("name", metavar="NAME", shell_complete=complete_topics)
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, callback=pairs, help="Give a setting a value.")
@click.option("--delete", "deleted", metavar="KEY", multiple=True, help="Take a setting's own value away.")
@click.option("--all", "has_defaults", is_flag=True, help="Also show settings that nobody has set.")
@dry_run_option
@connection_options
@output_option
def config(
    name: str,
    sets: dict[str, str],
    deleted: tuple[str, ...],
    has_defaults: bool,
    dry_run: bool,
    connection: Connection,
    output: Output,
) -> None:
    """Show the settings of a topic, or change them: all that is given, or nothing if the cluster refuses one."""
    for key in sets.keys() & {*deleted}:
        raise click.UsageError(f"{key} is to be set and deleted at once")
    changes = [Change(key, text) for key, text in sets.items()] + [Change(key, None) for key in deleted]
    with cluster(connection) as kafka:
        if changes:
            _change(kafka, name, changes, output, is_dry=dry_run)
        else:
            _show(kafka, name, output, has_defaults=has_defaults)


def _show(kafka: Cluster, name: str, output: Output, *, has_defaults: bool) -> None:
    found = describe(kafka, Kind.TOPIC, name)
    if isinstance(found, KafkaError):
        fail(f"{name}: {words_of(found)}", exit_of(found))
    rows = [value.to_row() for value in found if has_defaults or value.origin != "default"]
    show_rows(output, rows, SHOWN)


def _change(kafka: Cluster, name: str, changes: list[Change], output: Output, *, is_dry: bool) -> None:
    error = alter(kafka, Kind.TOPIC, name, changes, is_dry=is_dry)
    if error is not None:
        fail(f"{name}: {words_of(error)}", exit_of(error))
    rows = [
        {
            "topic": name,
            "name": change.name,
            "value": change.text,
            "status": "unset" if change.text is None else "set",
            "dry_run": is_dry,
        }
        for change in changes
    ]
    show_rows(output, rows, (TOPIC, NAME, VALUE, status_column("set", "unset")))
