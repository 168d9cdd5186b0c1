"""Decisions about brokers: who belongs to the cluster.

Lives here: registration and its end. Must not live here: heartbeats and fencing, which come with the cluster.
"""

from __future__ import annotations

import msgspec

from cordwood.metadata.image import Endpoint, Image
from cordwood.metadata.records import Record, RegisterBroker, RenewLeadership, UnregisterBroker
from cordwood.metadata.result import Result
from cordwood.model.errors import InvalidRequest
from cordwood.model.ids import BrokerId
from cordwood.model.quorum_errors import BrokerNotRegistered


class Registration(msgspec.Struct, frozen=True):
    """A broker that starts. `clean` tells whether it had stopped in order the last time."""

    id: BrokerId
    incarnation: bytes
    endpoints: tuple[Endpoint, ...]
    rack: str | None = None
    clean: bool = True


def register(image: Image, registration: Registration) -> Result[int]:
    """Registers a broker; the reply is its epoch, greater than every broker's before it.

    After a stop out of order the broker may have forgotten the end of what it wrote, where it did not wait for the
    disk. Then each partition that it leads gets a new leader epoch, so that nobody takes what it writes now for what
    it wrote then.
    """
    epoch = image.last_broker_epoch + 1
    record = RegisterBroker(registration.id, epoch, registration.incarnation, registration.endpoints, registration.rack)
    records: list[Record] = [record]
    if not registration.clean:
        records.append(RenewLeadership(registration.id))
    return Result(tuple(records), epoch)


def unregister(image: Image, broker_id: BrokerId) -> Result[None]:
    """Takes a broker out of the cluster. Raises BrokerNotRegistered, and InvalidRequest while it holds replicas."""
    if broker_id not in image.brokers:
        raise BrokerNotRegistered(broker_id)
    for topic in image.topics.values():
        for partition in topic.partitions:
            if broker_id in partition.replicas:
                raise InvalidRequest(f"broker {broker_id} holds a replica of {topic.name}-{partition.index}")
    return Result((UnregisterBroker(broker_id),), None)
