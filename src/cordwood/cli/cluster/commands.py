"""`cordwood cluster`: a cluster is founded, looked at and changed.

Lives here: the list of its commands. Must not live here: what each of them does.
"""

from __future__ import annotations

from typing import Final

import click

from cordwood.cli.lazy import LazyGroup

COMMANDS: Final = {
    "add": ("cordwood.cli.cluster.quorum", "Give a node a vote on the metadata."),
    "bootstrap": ("cordwood.cli.cluster.bootstrap", "Found a cluster, on one of its first members."),
    "health": ("cordwood.cli.cluster.health_command", "Say whether any Kafka cluster is well, and if not, what to do."),
    "info": ("cordwood.cli.cluster.info_command", "Show the brokers of any Kafka cluster, and how much they hold."),
    "new-id": ("cordwood.cli.cluster.bootstrap", "Say a cluster id that no other cluster has."),
    "remove": ("cordwood.cli.cluster.quorum", "Take a node's vote, and the broker out of the cluster if it is gone."),
    "status": ("cordwood.cli.cluster.quorum", "Show who votes, who leads, and how far each has come."),
    "transfer-leader": ("cordwood.cli.cluster.quorum", "Have another node lead."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def cluster() -> None:
    """Found a cluster, look at it, add and remove members of the quorum that keeps its metadata.

    `info` and `health` work with any Kafka.
    """
