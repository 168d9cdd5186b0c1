"""`cordwood topic create`.

Lives here: its options and what is told. Must not live here: connecting (`client`).
"""

from __future__ import annotations

from typing import Any, Final

import click
from confluent_kafka import KafkaError
from confluent_kafka.admin import NewTopic

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection, connection_options, pairs
from cordwood.cli.terminal.arguments import dry_run_option
from cordwood.cli.terminal.exits import Outcomes
from cordwood.cli.terminal.output import Output, output_option, show_rows
from cordwood.cli.topic.changes import TOPIC, status_column

BROKERS_DEFAULT: Final = -1
"""Has the broker choose."""


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "-p", "--partitions", type=click.IntRange(1), metavar="N", help="How many partitions; the broker's default without."
)
@click.option(
    "-r",
    "--replication-factor",
    type=click.IntRange(1),
    metavar="N",
    help="How many replicas of each; the broker's default without.",
)
@click.option(
    "-c", "--config", "settings", metavar="KEY=VALUE", multiple=True, callback=pairs, help="A setting; again and again."
)
@click.option("--if-not-exists", is_flag=True, help="Be content with a topic that is there already, as it is.")
@click.option("--validate-only", is_flag=True, hidden=True)
@dry_run_option
@connection_options
@output_option
def create(
    names: tuple[str, ...],
    partitions: int | None,
    replication_factor: int | None,
    settings: dict[str, str],
    if_not_exists: bool,
    validate_only: bool,
    dry_run: bool,
    connection: Connection,
    output: Output,
) -> None:
    """Create topics, all alike. With --dry-run the cluster only judges them."""
    is_dry = dry_run or validate_only
    wanted = [
        NewTopic(name, partitions or BROKERS_DEFAULT, replication_factor or BROKERS_DEFAULT, config=settings)
        for name in dict.fromkeys(names)
    ]
    outcomes = Outcomes()
    rows: list[dict[str, Any]] = []
    with cluster(connection) as kafka:
        futures = kafka.admin.create_topics(
            wanted,
            validate_only=is_dry,
            operation_timeout=kafka.timeout_s,
            request_timeout=kafka.timeout_s,
        )
        for name, error in kafka.outcomes(futures):
            if error is None:
                rows.append({"topic": name, "status": "created", "dry_run": is_dry})
                outcomes.done()
            elif if_not_exists and _is_there(error):
                rows.append({"topic": name, "status": "exists", "dry_run": is_dry})
                outcomes.done()
            else:
                outcomes.failed(f"{name}: {words_of(error)}", exit_of(error))
    if rows:
        show_rows(output, rows, (TOPIC, status_column("created")))
    outcomes.end()


def _is_there(error: KafkaError) -> bool:
    return error.code() == KafkaError.TOPIC_ALREADY_EXISTS
