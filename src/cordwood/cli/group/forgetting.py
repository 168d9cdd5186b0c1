"""`cordwood group forget`.

Lives here: its options, and OffsetDelete, for which the client library has no call. Must not live here: connections
(`cluster.direct`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_groups
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offsets import Place
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.cluster.direct import ask_first
from cordwood.cli.group.asking import Coordinator, committed_offsets, describe_groups
from cordwood.cli.group.plan import Selection, wanted_partitions
from cordwood.cli.group.selecting import selection_option
from cordwood.cli.terminal.arguments import confirm, dry_run_option, yes_option
from cordwood.cli.terminal.exits import Exit, Outcomes, fail, note
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.node.addresses import HostPort
from cordwood.wire.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)

COLUMNS: Final = (
    Column("TOPIC", "topic"),
    Column("PARTITION", "partition"),
    Column("OLD", "old"),
    Column("DELETED", "deleted"),
)


@click.command()
@click.argument("group", shell_complete=complete_groups)
@selection_option(required=True)
@dry_run_option
@yes_option
@connection_options
@output_option
def forget(
    group: str, selections: list[Selection], dry_run: bool, yes: bool, connection: Connection, output: Output
) -> None:
    """Delete committed offsets of topics that a group reads no more; the group itself stays.

    The client library has no call for it: it cannot be done with TLS or SASL.
    """
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        coordinator, committed = _known(kafka, group)
        meant = _meant(committed, selections)
        if not meant:
            fail(f"group {group} has no offsets there: `cordwood group describe {group}` shows them", Exit.NOT_FOUND)
        deleted: set[Place] = set()
        if not dry_run:
            offsets = "a committed offset" if len(meant) == 1 else f"{len(meant)} committed offsets"
            confirm(f"Delete {offsets} of group {group}?", yes=yes)
            deleted = _forgotten(kafka, group, coordinator, meant, outcomes)
    rows = [
        {"group": group, "topic": topic, "partition": partition, "old": old, "deleted": (topic, partition) in deleted}
        for (topic, partition), old in meant.items()
    ]
    show_rows(output, rows, COLUMNS)
    if dry_run:
        note("dry run: nothing was deleted")
    outcomes.end()


def _known(kafka: Cluster, group: str) -> tuple[Coordinator, dict[Place, int]]:
    """Who keeps a group, and its offsets; ends the program where that is not told."""
    described = describe_groups(kafka, [group])[group]
    if isinstance(described, KafkaError):
        fail(f"{group}: {words_of(described)}", exit_of(described))
    if described is None or described.coordinator is None:
        fail(f"there is no group {group}: `cordwood group list` shows those there are", Exit.NOT_FOUND)
    offsets = committed_offsets(kafka, [group])[group]
    if isinstance(offsets, KafkaError):
        fail(f"{group}: {words_of(offsets)}", exit_of(offsets))
    return described.coordinator, offsets


def _meant(committed: Mapping[Place, int], selections: Sequence[Selection]) -> dict[Place, int]:
    """The offsets of what is selected, in order."""
    wanted = wanted_partitions(selections)

    def is_meant(place: Place) -> bool:
        topic, partition = place
        numbers = wanted.get(topic, frozenset())
        return numbers is None or partition in numbers

    return {place: committed[place] for place in sorted(committed) if is_meant(place)}


def _forgotten(
    kafka: Cluster, group: str, coordinator: Coordinator, places: Iterable[Place], outcomes: Outcomes
) -> set[Place]:
    """Deletes offsets; those that are gone. What is refused is told."""
    topics = [
        OffsetDeleteRequestTopic(topic, [OffsetDeleteRequestPartition(partition) for _, partition in ones])
        for topic, ones in groupby(places, lambda place: place[0])
    ]
    there = [HostPort(coordinator.host, coordinator.port)]
    response = ask_first(kafka, "deleting offsets", there, OffsetDeleteRequest(group, topics))
    if response.error_code:
        refused = KafkaError(response.error_code)
        fail(f"{group}: {words_of(refused)}", exit_of(refused))
    deleted = set()
    for topic in response.topics:
        for one in topic.partitions:
            if one.error_code:
                refused = KafkaError(one.error_code)
                outcomes.failed(f"{topic.name}-{one.partition_index}: {words_of(refused)}", exit_of(refused))
            else:
                deleted.add((topic.name, one.partition_index))
                outcomes.done()
    return deleted
