"""`cordwood group describe`.

Lives here: its fields, its columns. Must not live here: asking (asking.py), arithmetic (lag.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_groups
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offsets import Place
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.group.asking import Group, Member, committed_offsets, describe_groups
from cordwood.cli.group.ends import ends_of
from cordwood.cli.group.lag import partition_lags, partition_row, total_lag
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.terminal.output import Column, Fields, Output, Section, Table, output_option, show

MEMBER_COLUMNS: Final = (
    Column("MEMBER", "member_id"),
    Column("INSTANCE", "instance_id"),
    Column("CLIENT", "client_id"),
    Column("HOST", "host"),
    Column("PARTITIONS", lambda row: places_text(row["assignment"])),
)
PARTITION_COLUMNS: Final = (
    Column("TOPIC", "topic"),
    Column("PARTITION", "partition"),
    Column("COMMITTED", "committed"),
    Column("END", "end"),
    Column("LAG", "lag"),
    Column("MEMBER", "member_id"),
)


@click.command()
@click.argument("groups", metavar="GROUP...", shell_complete=complete_groups, nargs=-1, required=True)
@connection_options
@output_option
def describe(groups: tuple[str, ...], connection: Connection, output: Output) -> None:
    """Show members, assignments, committed offsets and lag of groups."""
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        values = list(_values(kafka, groups, outcomes))
    if values or output is not Output.TABLE:
        show(output, values, lambda: [section for value in values for section in sections_of(value)])
    outcomes.end()


def group_value(group: Group, committed: Mapping[Place, int], ends: Mapping[Place, int]) -> dict[str, Any]:
    """A group as one value: what is assigned or committed is a partition of it."""
    holders = {place: member.member_id for member in group.members for place in member.assignment}
    offsets: dict[Place, int | None] = {**dict.fromkeys(holders), **committed}
    lags = partition_lags(group.group, offsets, ends)
    partitions = []
    for one in lags:
        row = partition_row(one) | {"member_id": holders.get((one.topic, one.partition))}
        del row["group"]
        partitions.append(row)
    coordinator = group.coordinator
    return {
        "group": group.group,
        "state": group.state,
        "type": group.type,
        "assignor": group.assignor,
        "coordinator": None if coordinator is None else coordinator._asdict(),
        "lag": total_lag(lags),
        "members": [_member_value(member) for member in group.members],
        "partitions": partitions,
    }


def sections_of(value: Mapping[str, Any]) -> Iterator[Section]:
    """The same for people."""
    coordinator = value["coordinator"]
    yield Fields(
        {
            "Group": value["group"],
            "State": value["state"],
            "Type": value["type"],
            "Assignor": value["assignor"],
            "Coordinator": coordinator and f"{coordinator['node_id']} ({coordinator['host']}:{coordinator['port']})",
            "Members": len(value["members"]),
            "Lag": value["lag"],
        }
    )
    if value["members"]:
        yield Table(value["members"], MEMBER_COLUMNS)
    if value["partitions"]:
        yield Table(value["partitions"], PARTITION_COLUMNS)


def places_text(places: Sequence[Mapping[str, Any]]) -> str | None:
    """Partitions in short: orders:0,1 payments:3."""
    by_topic = groupby(places, lambda place: place["topic"])
    return " ".join(f"{topic}:{','.join(str(one['partition']) for one in ones)}" for topic, ones in by_topic) or None


def _values(kafka: Cluster, groups: Iterable[str], outcomes: Outcomes) -> Iterator[dict[str, Any]]:
    described = describe_groups(kafka, groups)
    found: list[Group] = []
    for name, group in described.items():
        if isinstance(group, KafkaError):
            outcomes.failed(f"{name}: {words_of(group)}", exit_of(group))
        elif group is None:
            outcomes.failed(f"there is no group {name}: `cordwood group list` shows those there are", Exit.NOT_FOUND)
        else:
            found.append(group)
    committed = committed_offsets(kafka, [group.group for group in found])
    for group in found:
        offsets = committed[group.group]
        if isinstance(offsets, KafkaError):
            outcomes.failed(f"{group.group}: {words_of(offsets)}", exit_of(offsets))
            continue
        places = {*offsets, *(place for member in group.members for place in member.assignment)}
        yield group_value(group, offsets, ends_of(kafka, places))
        outcomes.done()


def _member_value(member: Member) -> dict[str, Any]:
    return {
        "member_id": member.member_id,
        "instance_id": member.instance_id,
        "client_id": member.client_id,
        "host": member.host,
        "assignment": _places_value(member.assignment),
        "target": None if member.target is None else _places_value(member.target),
    }


def _places_value(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [{"topic": topic, "partition": partition} for topic, partition in places]
