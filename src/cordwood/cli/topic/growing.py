"""`cordwood topic add-partitions`.

Lives here: its options and what is told. Must not live here: connecting (`client`).
"""

from __future__ import annotations

from typing import Final

import click
from confluent_kafka import KafkaError
from confluent_kafka.admin import NewPartitions

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.terminal.arguments import dry_run_option
from cordwood.cli.terminal.exits import fail
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.cli.topic.changes import TOPIC, status_column

COLUMNS: Final = (TOPIC, Column("BEFORE", "old_partitions"), Column("PARTITIONS", "partitions"), status_column("added"))


@click.command("add-partitions")
@click.argument("name", metavar="NAME", shell_complete=complete_topics)
@click.option("--to", "total", type=click.IntRange(1), metavar="N", help="So many in all.")
@click.option("--add", "more", type=click.IntRange(1), metavar="N", help="So many more.")
@dry_run_option
@connection_options
@output_option
def add_partitions(
    name: str, total: int | None, more: int | None, dry_run: bool, connection: Connection, output: Output
) -> None:
    """Give a topic more partitions. Records with keys written from then on may go elsewhere than those before."""
    if (total is None) == (more is None):
        raise click.UsageError("give either --to N (so many in all) or --add N (so many more)")
    with cluster(connection) as kafka:
        ((_, found),) = kafka.topics([name])
        if isinstance(found, KafkaError):
            fail(f"{name}: {words_of(found)}", exit_of(found))
        before = len(found.partitions)
        after = total if total is not None else before + (more or 0)
        futures = kafka.admin.create_partitions(
            [NewPartitions(name, after)],
            validate_only=dry_run,
            operation_timeout=kafka.timeout_s,
            request_timeout=kafka.timeout_s,
        )
        ((_, error),) = kafka.outcomes(futures)
        if error is not None:
            fail(f"{name}: {words_of(error)}", exit_of(error))
    row = {"topic": name, "old_partitions": before, "partitions": after, "status": "added", "dry_run": dry_run}
    show_rows(output, [row], COLUMNS)
