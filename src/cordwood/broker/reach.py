"""Which brokers a client can be sent to: those that have the listener by which its request came in.

Lives here: addresses and leaders as one client sees them. Must not live here: the messages that tell of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from cordwood.broker.context import Call, Context
from cordwood.metadata import Broker, Endpoint, Image, Partition
from cordwood.wire.errors import ErrorCode

NOBODY: Final = -1


class Reach(NamedTuple):
    """Which brokers a client can be sent to, and what it is told of the partitions of others."""

    brokers: Collection[int]
    otherwise: ErrorCode


class Leader(NamedTuple):
    """Who leads a partition, its replicas that are offline, and why nobody leads it."""

    id: int
    offline: list[int]
    error: ErrorCode


def reachable(image: Image, listener: str) -> Iterator[tuple[Broker, Endpoint]]:
    """The brokers that have this listener, with their advertised address there."""
    for broker in image.brokers.values():
        endpoint = broker.endpoint(listener)
        if endpoint is not None:
            yield broker, endpoint


def reach_of(image: Image, call: Call, otherwise: ErrorCode) -> Reach:
    """What the client of a call can reach."""
    return Reach({broker.id for broker, _ in reachable(image, call.session.listener)}, otherwise)


def leader_of(context: Context, reach: Reach, topic: str, partition: Partition) -> Leader:
    """The leader as a client sees it; a replica of this broker is offline while its storage fails it."""
    own = context.settings.broker_id
    leader = partition.leader
    offline: list[int] = []
    if own in partition.replicas and context.partitions.is_offline(topic, partition.index):
        offline = [own]
    if leader < 0 or leader in offline:
        return Leader(NOBODY, offline, ErrorCode.LEADER_NOT_AVAILABLE)
    if leader not in reach.brokers:
        return Leader(NOBODY, offline, reach.otherwise)
    return Leader(leader, offline, ErrorCode.NONE)
