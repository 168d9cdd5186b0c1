"""`cordwood group delete`.

Lives here: its options, the question, what is done. Must not live here: asking (asking.py).
"""

from __future__ import annotations

from typing import Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_groups
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.group.asking import Group, describe_groups
from cordwood.cli.terminal.arguments import confirm, dry_run_option, yes_option
from cordwood.cli.terminal.exits import Exit, Outcomes, note
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows

COLUMNS: Final = (
    Column("GROUP", "group"),
    Column("STATE", "state"),
    Column("DELETED", "deleted"),
)


@click.command()
@click.argument("groups", metavar="GROUP...", shell_complete=complete_groups, nargs=-1, required=True)
@dry_run_option
@yes_option
@connection_options
@output_option
def delete(groups: tuple[str, ...], dry_run: bool, yes: bool, connection: Connection, output: Output) -> None:
    """Delete groups without members, and the offsets that they committed."""
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        found = list(_deletable(kafka, groups, outcomes))
        deleted: set[str] = set()
        if found and not dry_run:
            names = ", ".join(group.group for group in found)
            confirm(f"Delete {names} with all committed offsets?", yes=yes)
            deleted = _deleted(kafka, [group.group for group in found], outcomes)
    rows = [{"group": one.group, "state": one.state, "deleted": one.group in deleted} for one in found]
    if rows or output is not Output.TABLE:
        show_rows(output, rows, COLUMNS)
    if dry_run:
        note("dry run: nothing was deleted")
        for _ in found:
            outcomes.done()
    outcomes.end()


def _deletable(kafka: Cluster, groups: tuple[str, ...], outcomes: Outcomes) -> list[Group]:
    """The groups that can be deleted; why others cannot is told."""
    found = []
    for name, group in describe_groups(kafka, groups).items():
        if isinstance(group, KafkaError):
            outcomes.failed(f"{name}: {words_of(group)}", exit_of(group))
        elif group is None:
            outcomes.failed(f"there is no group {name}: `cordwood group list` shows those there are", Exit.NOT_FOUND)
        elif group.members:
            count = len(group.members)
            outcomes.failed(
                f"group {name} has {count} member{'s' if count != 1 else ''}: stop them first; "
                f"`cordwood group describe {name}` shows them",
                Exit.ERROR,
            )
        else:
            found.append(group)
    return found


def _deleted(kafka: Cluster, names: list[str], outcomes: Outcomes) -> set[str]:
    futures = kafka.admin.delete_consumer_groups(names, request_timeout=kafka.timeout_s)
    deleted = set()
    for name, outcome in kafka.outcomes(futures):
        if isinstance(outcome, KafkaError):
            outcomes.failed(f"{name}: {words_of(outcome)}", exit_of(outcome))
        else:
            deleted.add(name)
            outcomes.done()
    return deleted
