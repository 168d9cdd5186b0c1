"""`cordwood topic list`.

Lives here: its options, fields and columns. Must not live here: asking (`client`).
"""

from __future__ import annotations

from typing import Any, Final

import click
from confluent_kafka.admin import TopicMetadata

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.client.patterns import chosen
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.cli.topic.choosing import INTERNAL

COLUMNS: Final = (
    Column("TOPIC", "topic"),
    Column("PARTITIONS", "partitions"),
    Column("REPLICAS", "replication_factor"),
)
TROUBLE: Final = (
    Column("UNDER-REPLICATED", "under_replicated", lambda value: "yellow" if value else None),
    Column("WITHOUT LEADER", "without_leader", lambda value: "red" if value else None),
)
"""Columns that are shown where there is something to see in them."""


@click.command("list")
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1)
@click.option("--regex", "is_regex", is_flag=True, help="PATTERN is a regular expression, and no glob.")
@click.option("--internal", "has_internal", is_flag=True, help="Also topics that Kafka keeps for itself.")
@connection_options
@output_option
def list_command(
    patterns: tuple[str, ...], is_regex: bool, has_internal: bool, connection: Connection, output: Output
) -> None:
    """List topics: all, or those that a pattern such as 'orders-*' fits."""
    with cluster(connection) as kafka:
        topics = kafka.metadata().topics
    names = chosen(topics, patterns, is_regex=is_regex)
    rows = [row_of(topics[name]) for name in names if has_internal or name not in INTERNAL]
    show_rows(output, rows, [*COLUMNS, *(column for column in TROUBLE if any(map(column.of, rows)))])


def row_of(topic: TopicMetadata) -> dict[str, Any]:
    """The fields of a topic."""
    partitions = list(topic.partitions.values())
    return {
        "topic": topic.topic,
        "partitions": len(partitions),
        "replication_factor": max((len(one.replicas) for one in partitions), default=0),
        "internal": topic.topic in INTERNAL,
        "under_replicated": sum(len(one.isrs) < len(one.replicas) for one in partitions),
        "without_leader": sum(one.leader < 0 for one in partitions),
    }
