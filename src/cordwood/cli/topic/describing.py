"""`cordwood topic describe`.

Lives here: its options, fields, columns and sections. Must not live here: connecting and offsets (`client`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import click
from confluent_kafka import KafkaError, Node, TopicPartitionInfo
from confluent_kafka.admin import TopicDescription

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.configs import Value, describe_all
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.kinds import Kind
from cordwood.cli.client.offsets import Bounds, bounds
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.terminal.exits import Outcomes, warn
from cordwood.cli.terminal.output import Column, Fields, Output, Section, Table, output_option, show
from cordwood.cli.topic.changes import PARTITION
from cordwood.cli.topic.choosing import chosen_topics

PARTITIONS: Final = (
    PARTITION,
    Column("LEADER", "leader", lambda value: "red" if value is None else None),
    Column("REPLICAS", "replicas"),
    Column("IN SYNC", "in_sync"),
    Column("START", "start"),
    Column("END", "end"),
)
SIZE: Final = Column("BYTES", "size_bytes")
SETTINGS: Final = (Column("NAME", "name"), Column("VALUE", "value"), Column("ORIGIN", "origin"))


@click.command("describe")
@click.argument("names", metavar="NAME...", shell_complete=complete_topics, nargs=-1, required=True)
@click.option("--regex", "is_regex", is_flag=True, help="NAME is a regular expression, and no glob.")
@click.option(
    "--size", "has_sizes", is_flag=True, help="Also how many bytes each partition takes on its leader's disk."
)
@connection_options
@output_option
def describe_command(
    names: tuple[str, ...], is_regex: bool, has_sizes: bool, connection: Connection, output: Output
) -> None:
    """Show topics: their partitions with leaders, replicas and offsets, and the settings that are not the default's.

    NAME may be a pattern such as 'orders-*'.
    """
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        topics = _found(kafka, chosen_topics(kafka, names, outcomes, is_regex=is_regex), outcomes)
        values = _values(kafka, topics, outcomes)
        if has_sizes:
            _add_sizes(kafka, topics, values)
    if values:
        columns = [*PARTITIONS, SIZE] if has_sizes else PARTITIONS
        show(output, values, lambda: (section for value in values for section in _sections(value, columns)))
    outcomes.end()


def _found(kafka: Cluster, names: list[str], outcomes: Outcomes) -> list[TopicDescription]:
    """The topics that are there."""
    topics = []
    for name, found in kafka.topics(names):
        if isinstance(found, KafkaError):
            outcomes.failed(f"{name}: {words_of(found)}", exit_of(found))
        else:
            topics.append(found)
            outcomes.done()
    return topics


def _values(kafka: Cluster, topics: list[TopicDescription], outcomes: Outcomes) -> list[dict[str, Any]]:
    """The fields of topics; their offsets are asked for together, and so are their settings. Offsets that are not told are failures."""
    led = [(topic.name, one.id) for topic in topics for one in topic.partitions if _leader(one) is not None]
    known = bounds(kafka, led)
    for (name, partition), refused in known.items():
        if isinstance(refused, KafkaError):
            outcomes.failed(f"{name}, partition {partition}: {words_of(refused)}", exit_of(refused))
    configs = describe_all(kafka, Kind.TOPIC, [topic.name for topic in topics])
    return [
        {
            "topic": topic.name,
            "topic_id": str(topic.topic_id),
            "internal": topic.is_internal,
            "replication_factor": max((len(one.replicas) for one in topic.partitions), default=0),
            "partitions": [_partition(one, known.get((topic.name, one.id))) for one in topic.partitions],
            "configs": _configs(topic.name, configs[topic.name]),
        }
        for topic in topics
    ]


def _add_sizes(kafka: Cluster, topics: list[TopicDescription], values: list[dict[str, Any]]) -> None:
    """Asks for the sizes, too. Only here is loaded what that takes."""
    from cordwood.cli.topic.sizes import sizes

    told = sizes(kafka, topics)
    for value in values:
        for partition in value["partitions"]:
            partition["size_bytes"] = told.get((value["topic"], partition["partition"]))


def _partition(partition: TopicPartitionInfo, known: Bounds | KafkaError | None) -> dict[str, Any]:
    return {
        "partition": partition.id,
        "leader": _leader(partition),
        "replicas": [node.id for node in partition.replicas],
        "in_sync": [node.id for node in partition.isr],
        "start": known.start if isinstance(known, Bounds) else None,
        "end": known.end if isinstance(known, Bounds) else None,
    }


def _leader(partition: TopicPartitionInfo) -> int | None:
    leader: Node | None = partition.leader  # None where there is none, whatever its type says.
    return None if leader is None or leader.id < 0 else leader.id


def _configs(name: str, found: list[Value] | KafkaError) -> list[dict[str, Any]] | None:
    """The settings that somebody has set, here or for the brokers; None where they may not be seen."""
    if isinstance(found, KafkaError):
        warn(f"{name}: the settings cannot be seen: {words_of(found)}")
        return None
    return [
        {"name": value.name, "value": value.text, "origin": value.origin}
        for value in found
        if value.origin != "default"
    ]


def _sections(value: dict[str, Any], columns: Sequence[Column]) -> Iterator[Section]:
    yield Fields(
        {
            "Topic": value["topic"],
            "Id": value["topic_id"],
            "Partitions": len(value["partitions"]),
            "Replication factor": value["replication_factor"],
            **({"Internal": True} if value["internal"] else {}),
        }
    )
    yield Table(value["partitions"], columns)
    yield Table(value["configs"] or [], SETTINGS, "Settings that are not the default's")
