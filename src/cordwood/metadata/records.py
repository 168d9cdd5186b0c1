"""The records of the metadata log: every change that the cluster's state can go through.

Lives here: the records and their bytes. Must not live here: what they do to an image (`replay`) and when they are
written (`topics`, `configs`, `quotas`, `features`, `producers`, `brokers`, `cluster`, `quorum`).

A record on disk is the value of one record in a batch of the metadata log:

    +---------+----------------------------------------------------+
    | version | MessagePack map: {"type": name of the record, ...} |
    | 1 byte  | field names to values                              |
    +---------+----------------------------------------------------+

The version is 1. A later Cordwood may add fields that have defaults under the same version; it takes another version
when an older Cordwood must not read on. A record or version that is not known stops the start: it is not guessed at.
docs/formats/metadata-records.md has the whole format.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.metadata.image import Endpoint, QuotaEntity
from cordwood.model.errors import InvalidMetadata
from cordwood.model.ids import TopicId

FORMAT_VERSION: Final = 1


class ClusterRecord(msgspec.Struct, frozen=True, tag_field="type", tag="cluster"):
    """The cluster was founded. The first record of every metadata log."""

    cluster_id: str


class TopicRecord(msgspec.Struct, frozen=True, tag_field="type", tag="topic"):
    """A topic was created; its partitions follow in the same batch."""

    name: str
    id: TopicId


class PartitionRecord(msgspec.Struct, frozen=True, tag_field="type", tag="partition"):
    """A topic got one more partition; `index` is the number of partitions it had. The first replica leads."""

    topic_id: TopicId
    index: int
    replicas: tuple[int, ...]


class PartitionChange(msgspec.Struct, frozen=True, tag_field="type", tag="partition-change"):
    """A partition got another leader, or the same one anew: `leader_epoch` is greater than it was."""

    topic_id: TopicId
    index: int
    leader: int
    leader_epoch: int
    isr: tuple[int, ...]


class RenewLeadership(msgspec.Struct, frozen=True, tag_field="type", tag="renew-leadership"):
    """A broker leads anew: each partition that it leads gets the next leader epoch."""

    broker_id: int


class RemoveTopic(msgspec.Struct, frozen=True, tag_field="type", tag="remove-topic"):
    """A topic was deleted, with its partitions and configs."""

    id: TopicId


class ConfigRecord(msgspec.Struct, frozen=True, tag_field="type", tag="config"):
    """A setting of a resource got a value, or lost it when `value` is None."""

    kind: int
    resource: str
    name: str
    value: str | None


class QuotaRecord(msgspec.Struct, frozen=True, tag_field="type", tag="quota"):
    """A quota of an entity got a value, or was taken away when `value` is None."""

    entity: QuotaEntity
    key: str
    value: float | None


class FeatureRecord(msgspec.Struct, frozen=True, tag_field="type", tag="feature"):
    """A feature has this level from now on."""

    name: str
    level: int


class ProducerIdsRecord(msgspec.Struct, frozen=True, tag_field="type", tag="producer-ids"):
    """A broker was given the producer ids from the last `next_producer_id` up to this one."""

    broker_id: int
    next_producer_id: int


class RegisterBroker(msgspec.Struct, frozen=True, tag_field="type", tag="register-broker"):
    """A broker has come, or come again."""

    id: int
    epoch: int
    incarnation: bytes
    endpoints: tuple[Endpoint, ...]
    rack: str | None = None


class UnregisterBroker(msgspec.Struct, frozen=True, tag_field="type", tag="unregister-broker"):
    """A broker was taken out of the cluster for good."""

    id: int


class QuorumNodeRecord(msgspec.Struct, frozen=True, tag_field="type", tag="quorum-node"):
    """A node of the quorum is reached there, or another directory of it is known from now on."""

    id: int
    directory_id: bytes
    endpoint: Endpoint


class RemoveQuorumNode(msgspec.Struct, frozen=True, tag_field="type", tag="remove-quorum-node"):
    """A node has left the quorum."""

    id: int


Record = (
    ClusterRecord
    | TopicRecord
    | PartitionRecord
    | PartitionChange
    | RenewLeadership
    | RemoveTopic
    | ConfigRecord
    | QuotaRecord
    | FeatureRecord
    | ProducerIdsRecord
    | RegisterBroker
    | UnregisterBroker
    | QuorumNodeRecord
    | RemoveQuorumNode
)

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """The bytes of a record."""
    return bytes((FORMAT_VERSION,)) + _encoder.encode(record)


def decode(data: bytes | memoryview) -> Record:
    """The record of these bytes. Raises InvalidMetadata when they are none that this Cordwood knows."""
    if len(data) < 2 or data[0] != FORMAT_VERSION:
        found = str(data[0]) if len(data) else "none"
        raise InvalidMetadata(f"a record has format version {found}, this Cordwood reads {FORMAT_VERSION}")
    try:
        record: Record = _decoder.decode(data[1:])
    except msgspec.MsgspecError as error:
        raise InvalidMetadata(f"a record cannot be read: {error}") from error
    return record
