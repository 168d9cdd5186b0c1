"""Which brokers a client can be sent to: those that have the listener by which its request came in.

Lives here: addresses and leaders as one client sees them. Must not live here: the messages that tell of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from cordwood.broker.context import Call, Context
from cordwood.metadata import Broker, Endpoint, Image, Partition
from cordwood.wire.errors import ErrorCode

NOBODY: Final = -1


class Leader(NamedTuple):
    """Who leads a partition, its replicas that are offline, and why nobody leads it."""

    id: int
    offline: list[int]
    error: ErrorCode


class Reach(NamedTuple):
    """Which brokers a client can be sent to, and what it is told of the partitions of others."""

    leaders: Mapping[int, Leader]
    """Each of them, as it is told where it leads: made once for all partitions of an answer."""
    otherwise: ErrorCode


def reachable(image: Image, listener: str) -> Iterator[tuple[Broker, Endpoint]]:
    """The brokers that have this listener, with their advertised address there."""
    for broker in image.brokers.values():
        endpoint = broker.endpoint(listener)
        if endpoint is not None:
            yield broker, endpoint


def reach_of(image: Image, call: Call, otherwise: ErrorCode) -> Reach:
    """What the client of a call can reach."""
    brokers = (broker for broker, _ in reachable(image, call.session.listener))
    return Reach({broker.id: Leader(broker.id, [], ErrorCode.NONE) for broker in brokers}, otherwise)


def leader_of(context: Context, reach: Reach, topic: str, partition: Partition) -> Leader:
    """The leader as a client sees it; a replica of this broker is offline while its storage fails it."""
    own = context.settings.broker_id
    elected = partition.leader
    offline: list[int] = []
    if own in partition.replicas and context.partitions.is_offline(topic, partition.index):
        offline = [own]
    if elected < 0 or elected in offline:
        return Leader(NOBODY, offline, ErrorCode.LEADER_NOT_AVAILABLE)
    leader = reach.leaders.get(elected)
    if leader is None:
        return Leader(NOBODY, offline, reach.otherwise)
    return leader._replace(offline=offline) if offline else leader
