"""`cordwood cluster health`.

Lives here: its options and fields, and waiting until all is well. Must not live here: asking (looking.py), judging
(health.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from threading import Event
from typing import Any, Final

import click

from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.deadline import Deadline
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.cluster.finding import COLUMNS, Finding
from cordwood.cli.cluster.health import findings_of
from cordwood.cli.cluster.looking import look, min_in_sync, quorum_of, unreachable_brokers
from cordwood.cli.cluster.sight import Partition, Sight
from cordwood.cli.terminal.exits import Exit
from cordwood.cli.terminal.output import Fields, Output, Section, Table, output_option, show
from cordwood.env.clock import SystemClock

LOOK_EVERY_S: Final = 0.5
"""How often a cluster is looked at that is not well yet."""

HEALTHY, UNHEALTHY = "healthy", "unhealthy"

_wait = Event().wait


@click.command()
@click.option(
    "--wait",
    "wait_s",
    metavar="SECONDS",
    type=click.FloatRange(0.0, 3600.0),
    default=0.0,
    help="Look again and again until all is well, for so long at most.",
)
@connection_options
@output_option
def health(wait_s: float, connection: Connection, output: Output) -> None:
    """Say whether a cluster is well: leaders, replicas in sync, brokers that answer, the controller, the quorum.

    Exit codes: 0 healthy, 10 unhealthy, 5 nobody answers.
    """
    with cluster(connection) as kafka:
        deadline = Deadline(wait_s, SystemClock())
        sight = _seen(kafka)
        findings = findings_of(sight)
        while findings and deadline.left_s > LOOK_EVERY_S:
            _wait(LOOK_EVERY_S)
            kafka.watch.hopes()
            sight = _seen(kafka)
            findings = findings_of(sight)
    value = health_value(sight, findings)
    show(output, value, lambda: sections_of(value))
    sys.exit(Exit.UNHEALTHY if findings else Exit.OK)


def health_value(sight: Sight, findings: Sequence[Finding]) -> dict[str, Any]:
    """The health of a cluster as one value."""
    return {
        "verdict": UNHEALTHY if findings else HEALTHY,
        "cluster_id": sight.cluster_id,
        "controller": sight.controller,
        "brokers": len(sight.brokers),
        "unreachable_brokers": sorted(sight.unreachable),
        "topics": sight.topics,
        "partitions": len(sight.partitions),
        "leaderless": _values(sight.leaderless),
        "under_replicated": _values(sight.under_replicated),
        "under_min_isr": _values(sight.under_min_isr),
        "findings": [asdict(finding) for finding in findings],
    }


def sections_of(value: Mapping[str, Any]) -> Iterable[Section]:
    """The same for people."""
    counted = ("unreachable_brokers", "leaderless", "under_replicated", "under_min_isr")
    yield Fields(
        {
            "Cluster": value["cluster_id"],
            "Verdict": value["verdict"],
            "Controller": value["controller"],
            "Brokers": value["brokers"],
            "Topics": value["topics"],
            "Partitions": value["partitions"],
            **{name.replace("_", " ").capitalize(): len(value[name]) for name in counted},
        }
    )
    if value["findings"]:
        yield Table(value["findings"], COLUMNS)


def _seen(kafka: Cluster) -> Sight:
    sight = look(kafka)
    return replace(
        sight,
        unreachable=unreachable_brokers(kafka, sight.brokers),
        min_isr=min_in_sync(kafka, (partition.topic for partition in sight.under_replicated)),
        quorum=quorum_of(kafka, sight),
    )


def _values(partitions: Iterable[Partition]) -> list[dict[str, Any]]:
    return [{"topic": partition.topic, "partition": partition.number} for partition in partitions]
