"""`cordwood topic trim`.

      --before ──> an offset in each partition ──> those behind the start: DeleteRecords ──> the new start

Lives here: its options, the question, what is told. Must not live here: which offset a point is (`client.offsets`).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import click
from confluent_kafka import KafkaError, TopicPartition

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offset_spec import Point
from cordwood.cli.client.offsets import Bounds, Place, bounds, resolve
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.terminal.arguments import confirm, dry_run_option, yes_option
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows
from cordwood.cli.topic.bounding import places_of
from cordwood.cli.topic.changes import PARTITION, TOPIC
from cordwood.cli.topic.choosing import point_of

COLUMNS: Final = (
    TOPIC,
    PARTITION,
    Column("START", "old_start"),
    Column("NEW START", "start"),
    Column("END", "end"),
    Column("DELETED", "deleted"),
)
PLANNED: Final = (*COLUMNS[:-1], Column("WOULD BE DELETED", "deleted"))


class Cut(NamedTuple):
    """A partition, where it starts and ends, and the offset that it is to start with."""

    place: Place
    start: int
    end: int
    before: int

    def to_row(self, *, is_dry: bool) -> dict[str, Any]:
        """What programs get."""
        return {
            "topic": self.place[0],
            "partition": self.place[1],
            "old_start": self.start,
            "start": self.before,
            "end": self.end,
            "deleted": self.before - self.start,
            "dry_run": is_dry,
        }


@click.command()
@click.argument("name", metavar="NAME", shell_complete=complete_topics)
@click.option(
    "--before",
    "point",
    callback=point_of,
    metavar="OFFSET",
    required=True,
    help="Delete what is before this: an offset, end, -1000 to keep that many, @-7d to keep that long, @2026-11-21.",
)
@click.option(
    "-p",
    "--partition",
    "partitions",
    type=click.IntRange(0),
    metavar="N",
    multiple=True,
    help="Only here; may be repeated.",
)
@dry_run_option
@yes_option
@connection_options
@output_option
def trim(
    name: str,
    point: Point,
    partitions: tuple[int, ...],
    dry_run: bool,
    yes: bool,
    connection: Connection,
    output: Output,
) -> None:
    """Delete the oldest records of a topic, for good. Partitions that begin later are left alone."""
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        cuts = _cuts(kafka, _places(kafka, name, partitions, outcomes), point, outcomes)
        wanted = [cut for cut in cuts if cut.before > cut.start]
        if wanted and not dry_run:
            count = sum(cut.before - cut.start for cut in wanted)
            confirm(f"delete {count} records in {len(wanted)} partitions of {name}?", yes=yes)
            cuts = _trim(kafka, cuts, outcomes)
    for _ in cuts:
        outcomes.done()
    if cuts:
        show_rows(output, [cut.to_row(is_dry=dry_run) for cut in cuts], PLANNED if dry_run else COLUMNS)
    outcomes.end()


def _places(kafka: Cluster, name: str, partitions: tuple[int, ...], outcomes: Outcomes) -> list[Place]:
    places = places_of(kafka, [name], outcomes)
    if not places or not partitions:
        return places
    for partition in sorted({*partitions} - {number for _, number in places}):
        outcomes.failed(f"{name} has no partition {partition}", Exit.NOT_FOUND)
    return [place for place in places if place[1] in partitions]


def _cuts(kafka: Cluster, places: list[Place], point: Point, outcomes: Outcomes) -> list[Cut]:
    """What is to become of each partition; one that begins later than the point stays as it is."""
    known = bounds(kafka, places)
    points = resolve(kafka, places, point)
    cuts = []
    for place in places:
        cut = _cut(place, known[place], points[place])
        if isinstance(cut, Cut):
            cuts.append(cut)
        else:
            outcomes.failed(f"{place[0]}, partition {place[1]}: {cut[0]}", cut[1])
    return cuts


def _cut(place: Place, known: Bounds | KafkaError, before: int | KafkaError) -> Cut | tuple[str, Exit]:
    for found in (known, before):
        if isinstance(found, KafkaError):
            return words_of(found), exit_of(found)
    assert isinstance(known, Bounds), known
    assert isinstance(before, int), before
    if before > known.end:
        return f"offset {before} is behind the end, {known.end}", Exit.ERROR
    return Cut(place, known.start, known.end, max(before, known.start))


def _trim(kafka: Cluster, cuts: list[Cut], outcomes: Outcomes) -> list[Cut]:
    """Carries the cuts out; those that were, with the starts that the cluster tells."""
    wanted = {cut.place: cut for cut in cuts if cut.before > cut.start}
    futures = kafka.admin.delete_records(
        [TopicPartition(*cut.place, cut.before) for cut in wanted.values()],
        operation_timeout=kafka.timeout_s,
        request_timeout=kafka.timeout_s,
    )
    done = {cut.place: cut for cut in cuts if cut.place not in wanted}
    for partition, outcome in kafka.outcomes(futures):
        place = (partition.topic, partition.partition)
        if isinstance(outcome, KafkaError):
            outcomes.failed(f"{place[0]}, partition {place[1]}: {words_of(outcome)}", exit_of(outcome))
        else:
            done[place] = wanted[place]._replace(before=outcome.low_watermark)
    return [done[cut.place] for cut in cuts if cut.place in done]
