"""A cluster as it is seen: values, and what can be counted on them.

Lives here: brokers, partitions and the quorum as commands look at them. Must not live here: asking (looking.py), judging
(health.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Broker(NamedTuple):
    """A broker as clients are told of it."""

    node_id: int
    host: str
    port: int
    rack: str | None


class Partition(NamedTuple):
    """A partition; the leader is None if it has none."""

    topic: str
    number: int
    leader: int | None
    replicas: tuple[int, ...]
    isr: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.topic}-{self.number}"


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a cluster. What could not be asked for is empty, or None."""

    cluster_id: str | None
    controller: int | None
    brokers: tuple[Broker, ...]
    partitions: tuple[Partition, ...] = ()
    unreachable: Mapping[int, str] = field(default_factory=dict)
    """Brokers that could not be asked, and why."""
    min_isr: Mapping[str, int] = field(default_factory=dict)
    """min.insync.replicas of the topics whose partitions are not all in sync."""
    quorum: Mapping[str, Any] | None = None
    """The quorum of the metadata, as `cordwood cluster status` has it."""

    @property
    def topics(self) -> int:
        """How many topics there are."""
        return len({partition.topic for partition in self.partitions})

    @property
    def leaderless(self) -> list[Partition]:
        """Partitions that nobody leads: they cannot be written or read."""
        return [partition for partition in self.partitions if partition.leader is None]

    @property
    def under_replicated(self) -> list[Partition]:
        """Partitions with fewer replicas in sync than they have."""
        return [partition for partition in self.partitions if len(partition.isr) < len(partition.replicas)]

    @property
    def under_min_isr(self) -> list[Partition]:
        """Partitions with fewer replicas in sync than acks=all needs."""
        return [
            partition
            for partition in self.under_replicated
            if len(partition.isr) < self.min_isr.get(partition.topic, 0)
        ]

    def missing(self) -> Iterator[tuple[int, int]]:
        """Brokers that hold replicas and are not there, with the number of these replicas."""
        there = {broker.node_id for broker in self.brokers}
        held = [node for partition in self.partitions for node in partition.replicas if node not in there]
        yield from ((node, held.count(node)) for node in sorted(set(held)))
