"""`cordwood group lag`.

Lives here: its options and columns. Must not live here: arithmetic (lag.py).
"""

from __future__ import annotations

from typing import Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_groups
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offsets import Place
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.client.patterns import chosen
from cordwood.cli.group.asking import committed_offsets, list_groups
from cordwood.cli.group.ends import ends_of
from cordwood.cli.group.lag import By, lag_rows, most_first, partition_lags
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows

GROUP, TOPIC, LAG = Column("GROUP", "group"), Column("TOPIC", "topic"), Column("LAG", "lag")
COLUMNS: Final = {
    By.GROUP: (GROUP, Column("TOPICS", "topics"), Column("PARTITIONS", "partitions"), LAG),
    By.TOPIC: (GROUP, TOPIC, Column("PARTITIONS", "partitions"), LAG),
    By.PARTITION: (
        GROUP,
        TOPIC,
        Column("PARTITION", "partition"),
        Column("COMMITTED", "committed"),
        Column("END", "end"),
        LAG,
    ),
}


@click.command()
@click.argument("groups", metavar="[GROUP]...", shell_complete=complete_groups, nargs=-1)
@click.option(
    "--by",
    type=click.Choice([by.value for by in By]),
    default=By.GROUP.value,
    show_default=True,
    callback=lambda _context, _parameter, value: By(value),
    help="What a line stands for.",
)
@click.option(
    "-t", "--topic", "topics", metavar="TOPIC", multiple=True, help="Only these topics, or patterns: 'orders-*'."
)
@click.option(
    "--sort",
    type=click.Choice(["name", "lag"]),
    default="name",
    show_default=True,
    help="By name, or the longest way to go first.",
)
@connection_options
@output_option
def lag(
    groups: tuple[str, ...], by: By, topics: tuple[str, ...], sort: str, connection: Connection, output: Output
) -> None:
    """Show how far groups are behind: all groups, those that are named, or those that a pattern fits.

    It is counted from the committed offset to the end of a partition, where something was committed.
    """
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        offsets = _offsets(kafka, _named(kafka, groups, outcomes), topics, outcomes)
        ends = ends_of(kafka, {place for places in offsets.values() for place in places})
    lags = [one for name, places in offsets.items() for one in partition_lags(name, places, ends)]
    rows = lag_rows(list(offsets), lags, by)
    show_rows(output, most_first(rows) if sort == "lag" else rows, COLUMNS[by])
    outcomes.end()


def _named(kafka: Cluster, patterns: tuple[str, ...], outcomes: Outcomes) -> list[str]:
    """The groups that are meant; each pattern must mean one."""
    listed, refused = list_groups(kafka)
    for error in refused:
        outcomes.failed(f"a broker does not tell its groups: {words_of(error)}", exit_of(error))
    names = [listing.group for listing in listed]
    for pattern in patterns:
        if chosen(names, [pattern], is_regex=False):
            continue
        if refused:
            outcomes.failed(f"{pattern}: nobody who answers has such a group", exit_of(refused[0]))
        else:
            outcomes.failed(f"there is no group {pattern}: `cordwood group list` shows those there are", Exit.NOT_FOUND)
    return chosen(names, patterns, is_regex=False)


def _offsets(
    kafka: Cluster, groups: list[str], topics: tuple[str, ...], outcomes: Outcomes
) -> dict[str, dict[Place, int]]:
    """What the groups have committed, of the topics that are meant; a group that has nothing to do with those is left out."""
    offsets = {}
    for name, found in committed_offsets(kafka, groups).items():
        if isinstance(found, KafkaError):
            outcomes.failed(f"{name}: {words_of(found)}", exit_of(found))
            continue
        outcomes.done()
        meant = set(chosen({topic for topic, _ in found}, topics, is_regex=False))
        if meant or not topics:
            offsets[name] = {place: offset for place, offset in found.items() if place[0] in meant}
    return offsets
