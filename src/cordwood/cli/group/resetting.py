"""`cordwood group reset`.

Lives here: its options, what is asked and committed, and in which order. Must not live here: the plan itself (plan.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import click
from confluent_kafka import KafkaError

from cordwood.cli.client.completing import complete_groups
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offset_spec import BadOffset, Point, parse_point
from cordwood.cli.client.offsets import Place, bounds, resolve
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.group.asking import EMPTY, Group, commit_offsets, committed_offsets, describe_groups
from cordwood.cli.group.plan import Move, Selection, plan_shift, plan_to, wanted_partitions
from cordwood.cli.group.selecting import selection_option
from cordwood.cli.terminal.arguments import dry_run_option
from cordwood.cli.terminal.exits import Exit, Outcomes, fail, note, warn
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.env.clock import SystemClock

V = TypeVar("V")

COLUMNS: Final = (
    Column("TOPIC", "topic"),
    Column("PARTITION", "partition"),
    Column("OLD", "old"),
    Column("NEW", "new"),
)


def _point(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Point | None:
    try:
        return None if text is None else parse_point(text, SystemClock().now_ms())
    except BadOffset as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("group", shell_complete=complete_groups)
@selection_option()
@click.option("--all-topics", is_flag=True, help="Every partition for which the group has an offset.")
@click.option(
    "--to",
    "point",
    metavar="OFFSET",
    callback=_point,
    help="Where to: start, end, an offset, -N (N before the end), or @TIME.",
)
@click.option("--shift-by", "distance", metavar="N", type=int, help="So many offsets on from here, or back: -100.")
@click.option(
    "--new", "is_new", is_flag=True, help="The group may be new: it gets offsets before its first member comes."
)
@dry_run_option
@connection_options
@output_option
def reset(
    group: str,
    selections: list[Selection],
    all_topics: bool,
    point: Point | None,
    distance: int | None,
    is_new: bool,
    dry_run: bool,
    connection: Connection,
    output: Output,
) -> None:
    """Move the committed offsets of a group that has no members, and show the old and the new ones.

    Offsets are kept within what is there: what would lie before the start or behind the end is brought to it.
    """
    if bool(selections) == all_topics:
        raise click.UsageError("say which partitions: --topic TOPIC, or --all-topics")
    if (point is None) == (distance is None):
        raise click.UsageError("say where to: --to OFFSET, or --shift-by N")
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        committed = _committed(kafka, group, is_new=is_new)
        places = list(_places(kafka, selections, committed))
        moves = _planned(kafka, places, point if point is not None else distance, committed, outcomes)
        for move in moves:
            if move.is_cut:
                warn(f"{move.topic}-{move.partition} has no such offset: {move.new} is the nearest")
        show_rows(output, [move.row(group) for move in moves], COLUMNS)
        if dry_run:
            note("dry run: nothing was changed")
        else:
            _carry_out(kafka, group, moves, outcomes)
    outcomes.end()


def _committed(kafka: Cluster, group: str, *, is_new: bool) -> dict[Place, int]:
    """The offsets of a group that may be moved; ends the program for one that may not."""
    described = describe_groups(kafka, [group])[group]
    if isinstance(described, KafkaError):
        fail(f"{group}: {words_of(described)}", exit_of(described))
    if described is None:
        if not is_new:
            fail(f"there is no group {group}: with --new it gets its first offsets", Exit.NOT_FOUND)
        return {}
    _check_is_empty(described)
    offsets = committed_offsets(kafka, [group])[group]
    if isinstance(offsets, KafkaError):
        fail(f"{group}: {words_of(offsets)}", exit_of(offsets))
    return offsets


def _check_is_empty(group: Group) -> None:
    if group.members or group.state != EMPTY:
        count = len(group.members)
        members = f"has {count} member{'s' if count != 1 else ''}" if count else f"is {group.state}"
        fail(
            f"group {group.group} {members}: stop them first, since they would commit over what is set here; "
            f"`cordwood group describe {group.group}` shows them",
            Exit.ERROR,
        )


def _places(kafka: Cluster, selections: Sequence[Selection], committed: Mapping[Place, int]) -> Iterator[Place]:
    """The partitions that are meant; ends the program where there is no such topic or partition."""
    if not selections:
        if not committed:
            fail("the group has no offsets yet: name topics by --topic", Exit.NOT_FOUND)
        yield from sorted(committed)
    wanted = wanted_partitions(selections)
    for topic, told in kafka.topics(list(wanted)):
        if isinstance(told, KafkaError):
            fail(f"{topic}: {words_of(told)}", exit_of(told))
        there = sorted(partition.id for partition in told.partitions)
        numbers = wanted[topic]
        meant = there if numbers is None else sorted(numbers)
        missing = [number for number in meant if number not in there]
        if missing:
            fail(f"topic {topic} has no partition {missing[0]}", Exit.NOT_FOUND)
        yield from ((topic, number) for number in meant)


def _planned(
    kafka: Cluster,
    places: Iterable[Place],
    target: Point | int | None,
    committed: Mapping[Place, int],
    outcomes: Outcomes,
) -> list[Move]:
    """The moves that can be made; what cannot is told."""
    known = _told(bounds(kafka, dict.fromkeys(places)), outcomes)
    if isinstance(target, int):
        moves, without = plan_shift(known, target, committed, known)
        for topic, partition in without:
            outcomes.failed(f"{topic}-{partition} has no committed offset to shift", Exit.NOT_FOUND)
        return moves
    assert target is not None, "neither an offset nor a distance"
    return plan_to(_told(resolve(kafka, known, target), outcomes), committed, known)


def _told(found: Mapping[Place, V | KafkaError], outcomes: Outcomes) -> dict[Place, V]:
    """What is known; the rest is told."""
    known: dict[Place, V] = {}
    for (topic, partition), outcome in found.items():
        if isinstance(outcome, KafkaError):
            outcomes.failed(f"{topic}-{partition}: {words_of(outcome)}", exit_of(outcome))
        else:
            known[topic, partition] = outcome
    return known


def _carry_out(kafka: Cluster, group: str, moves: Sequence[Move], outcomes: Outcomes) -> None:
    offsets = {(move.topic, move.partition): move.new for move in moves if move.changes}
    results = commit_offsets(kafka, group, offsets) if offsets else {}
    changed = 0
    for (topic, partition), error in results.items():
        if error is None:
            outcomes.done()
            changed += 1
        else:
            outcomes.failed(f"{topic}-{partition}: {words_of(error)}", exit_of(error))
    if moves and not offsets:
        outcomes.done()
    note(f"{changed} offset{'s' if changed != 1 else ''} of group {group} changed")
