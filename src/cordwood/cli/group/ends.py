"""Where the partitions of groups end, as far as they are there.

Lives here: that question, asked once for many groups. Must not live here: lag (lag.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import KafkaError
from confluent_kafka.admin import OffsetSpec

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.offsets import Place, list_offsets
from cordwood.cli.terminal.exits import Exit, warn


def ends_of(kafka: Cluster, places: Iterable[Place]) -> dict[Place, int]:
    """The end of each partition; those of topics that are gone are left out, for others that cannot be told there is a warning."""
    found = list_offsets(kafka, dict.fromkeys(sorted(places), OffsetSpec.latest()))
    ends: dict[Place, int] = {}
    for (topic, partition), outcome in found.items():
        if not isinstance(outcome, KafkaError):
            ends[topic, partition] = outcome
        elif exit_of(outcome) is not Exit.NOT_FOUND:
            warn(f"the end of {topic}-{partition} is not known: {words_of(outcome)}")
    return ends
