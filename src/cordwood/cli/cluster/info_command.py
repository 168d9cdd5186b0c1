"""`cordwood cluster info`.

Lives here: its fields and columns. Must not live here: asking (looking.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import click

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.cluster.looking import features_of, look
from cordwood.cli.cluster.sight import Sight
from cordwood.cli.terminal.output import Column, Fields, Output, Section, Table, output_option, show

COLUMNS: Final = (
    Column("NODE", "node_id"),
    Column("ADDRESS", lambda row: f"{row['host']}:{row['port']}"),
    Column("RACK", "rack"),
    Column("CONTROLLER", "controller"),
    Column("LEADS", "leads"),
    Column("HOLDS", "holds"),
)


@click.command()
@connection_options
@output_option
def info(connection: Connection, output: Output) -> None:
    """Show the brokers of a cluster, its controller, and how many topics and partitions it has.

    Features are asked for without librdkafka: with TLS or SASL they are not known.
    """
    with cluster(connection) as kafka:
        sight = look(kafka)
        features = features_of(kafka, sight.brokers)
    value = info_value(sight, features)
    show(output, value, lambda: sections_of(value))


def info_value(sight: Sight, features: Mapping[str, int] | None) -> dict[str, Any]:
    """A cluster as one value."""
    leaders = [partition.leader for partition in sight.partitions]
    holders = [node for partition in sight.partitions for node in partition.replicas]
    return {
        "cluster_id": sight.cluster_id,
        "controller": sight.controller,
        "topics": sight.topics,
        "partitions": len(sight.partitions),
        "features": None if features is None else dict(sorted(features.items())),
        "brokers": [
            {
                **broker._asdict(),
                "controller": broker.node_id == sight.controller,
                "leads": leaders.count(broker.node_id),
                "holds": holders.count(broker.node_id),
            }
            for broker in sight.brokers
        ],
    }


def sections_of(value: Mapping[str, Any]) -> Iterable[Section]:
    """The same for people."""
    features = value["features"] or {}
    yield Fields(
        {
            "Cluster": value["cluster_id"],
            "Controller": value["controller"],
            "Brokers": len(value["brokers"]),
            "Topics": value["topics"],
            "Partitions": value["partitions"],
            "Features": ", ".join(f"{name} {level}" for name, level in features.items()) or None,
        }
    )
    yield Table(value["brokers"], COLUMNS)
