"""`cordwood topic delete`.

Lives here: its options, the question, what is told. Must not live here: connecting (`client`).
"""

from __future__ import annotations

from typing import Any, Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.terminal.arguments import confirm, dry_run_option, yes_option
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.terminal.output import Output, output_option, show_rows
from cordwood.cli.topic.changes import TOPIC, status_column
from cordwood.cli.topic.choosing import chosen_topics, is_glob

NAMED: Final = 5
"""So many topics are named in the question; of more only the number."""


@click.command()
@click.argument("names", metavar="NAME...", shell_complete=complete_topics, nargs=-1, required=True)
@click.option("--regex", "is_regex", is_flag=True, help="NAME is a regular expression for whole names.")
@click.option("--if-exists", is_flag=True, help="Be content if a topic is not there.")
@dry_run_option
@yes_option
@connection_options
@output_option
def delete(
    names: tuple[str, ...],
    is_regex: bool,
    if_exists: bool,
    dry_run: bool,
    yes: bool,
    connection: Connection,
    output: Output,
) -> None:
    """Delete topics and all that is in them."""
    globs = [name for name in names if is_glob(name) and not is_regex]
    if globs:
        raise click.UsageError(f"{globs[0]} is no name of a topic; to delete by a pattern, give --regex '...'")
    outcomes = Outcomes()
    rows: list[dict[str, Any]] = []
    with cluster(connection) as kafka:
        chosen = chosen_topics(kafka, names, outcomes, is_regex=is_regex)
        present = _present(kafka, chosen, rows, outcomes, if_exists=if_exists)
        if present and not dry_run:
            confirm(f"delete {listed(present)} with everything in it?", yes=yes)
            _delete(kafka, present, rows, outcomes)
        elif dry_run:
            for name in present:
                rows.append({"topic": name, "status": "deleted", "dry_run": True})
                outcomes.done()
    rows.sort(key=lambda row: chosen.index(row["topic"]))
    if rows:
        show_rows(output, rows, (TOPIC, status_column("deleted")))
    outcomes.end()


def _present(
    kafka: Cluster, names: list[str], rows: list[dict[str, Any]], outcomes: Outcomes, *, if_exists: bool
) -> list[str]:
    """The topics that are there."""
    present = []
    for name, found in kafka.topics(names):
        if not isinstance(found, KafkaError):
            present.append(name)
        elif if_exists and exit_of(found) is Exit.NOT_FOUND:
            rows.append({"topic": name, "status": "absent", "dry_run": False})
            outcomes.done()
        else:
            outcomes.failed(f"{name}: {words_of(found)}", exit_of(found))
    return present


def _delete(kafka: Cluster, names: list[str], rows: list[dict[str, Any]], outcomes: Outcomes) -> None:
    futures = kafka.admin.delete_topics(names, operation_timeout=kafka.timeout_s, request_timeout=kafka.timeout_s)
    for name, error in kafka.outcomes(futures):
        if error is None:
            rows.append({"topic": name, "status": "deleted", "dry_run": False})
            outcomes.done()
        else:
            outcomes.failed(f"{name}: {words_of(error)}", exit_of(error))


def listed(names: list[str]) -> str:
    """Topics, as the question has them."""
    if len(names) == 1:
        return f"the topic {names[0]}"
    return f"{len(names)} topics" if len(names) > NAMED else f"the topics {', '.join(names)}"
