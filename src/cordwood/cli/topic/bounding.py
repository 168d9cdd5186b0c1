"""`cordwood topic offsets`.

Lives here: its options, fields and columns. Must not live here: asking for offsets (`client.offsets`).
"""

from __future__ import annotations

from typing import Any, Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offset_spec import Point
from cordwood.cli.client.offsets import Bounds, Place, bounds, resolve
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.terminal.exits import Outcomes
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.cli.topic.changes import PARTITION, TOPIC
from cordwood.cli.topic.choosing import chosen_topics, point_of

COLUMNS: Final = (TOPIC, PARTITION, Column("START", "start"), Column("END", "end"), Column("COUNT", "count"))
AT: Final = Column("AT", "at")


@click.command()
@click.argument("names", metavar="NAME...", shell_complete=complete_topics, nargs=-1, required=True)
@click.option("--regex", "is_regex", is_flag=True, help="NAME is a regular expression, and no glob.")
@click.option(
    "--at",
    "point",
    callback=point_of,
    metavar="OFFSET",
    help="Also say which offset this is in each partition: @2026-11-21T17:00:00Z, @-1h, -100 and so on.",
)
@click.option(
    "--committed", "is_committed", is_flag=True, help="End before transactions that are still open, as consumers may."
)
@connection_options
@output_option
def offsets(
    names: tuple[str, ...],
    is_regex: bool,
    point: Point | None,
    is_committed: bool,
    connection: Connection,
    output: Output,
) -> None:
    """Show where partitions start and end.

    NAME may be a pattern such as 'orders-*'. COUNT is the number of offsets: of records, unless the topic is compacted or
    written to in transactions, whose markers take offsets too.
    """
    outcomes = Outcomes()
    rows: list[dict[str, Any]] = []
    with cluster(connection) as kafka:
        places = places_of(kafka, chosen_topics(kafka, names, outcomes, is_regex=is_regex), outcomes)
        known = bounds(kafka, places, is_committed=is_committed)
        points = {} if point is None else resolve(kafka, places, point, is_committed=is_committed)
        for place in places:
            row = _row(place, known[place], points.get(place))
            if isinstance(row, KafkaError):
                outcomes.failed(f"{place[0]}, partition {place[1]}: {words_of(row)}", exit_of(row))
                continue
            rows.append(row)
            outcomes.done()
    if rows:
        show_rows(output, rows, COLUMNS if point is None else [*COLUMNS, AT])
    outcomes.end()


def places_of(kafka: Cluster, names: list[str], outcomes: Outcomes) -> list[Place]:
    """All partitions of topics; a topic that is not there is a failure."""
    places: list[Place] = []
    for name, found in kafka.topics(names):
        if isinstance(found, KafkaError):
            outcomes.failed(f"{name}: {words_of(found)}", exit_of(found))
        else:
            places += [(name, partition.id) for partition in found.partitions]
    return places


def _row(place: Place, known: Bounds | KafkaError, at: int | KafkaError | None) -> dict[str, Any] | KafkaError:
    if isinstance(known, KafkaError):
        return known
    if isinstance(at, KafkaError):
        return at
    row = {
        "topic": place[0],
        "partition": place[1],
        "start": known.start,
        "end": known.end,
        "count": known.end - known.start,
    }
    return row if at is None else {**row, "at": at}
