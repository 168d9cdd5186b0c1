"""What consumers say to each other inside of JoinGroup and SyncGroup, which the broker reads only to answer questions.

    version int16 | fields

Versions 0 to 3, none flexible. Bytes of a later version are read as version 3: Kafka's rule is that a later version only
adds fields at the end.

Lives here: the two formats and their four functions. Must not live here: how partitions are assigned.
"""

from __future__ import annotations

from struct import Struct as Layout
from struct import error
from typing import Annotated, Final, TypeVar

from cordwood.model.errors import ProtocolError
from cordwood.wire.compiler import Part, decoder, encoder
from cordwood.wire.frame import join
from cordwood.wire.schema import Format, Int32, Struct, Versions, since

PROTOCOL_TYPE: Final = "consumer"
"""The protocol type of groups whose members speak so."""

_VERSION: Final = Layout(">h")

F = TypeVar("F", bound=Format)


class TopicPartition(Struct):
    """Partitions of one topic."""

    topic: str = ""
    partitions: list[Int32] = []


class ConsumerProtocolSubscription(Format):
    """What a member wants to read.

    Version 1 brings the partitions that it has (KIP-429), 2 the generation in which it got them (KIP-792), 3 its rack
    (KIP-881).
    """

    versions = Versions(0, 3)

    topics: list[str] = []
    user_data: bytes | None = None
    owned_partitions: Annotated[list[TopicPartition], since(1)] = []
    generation_id: Annotated[Int32, since(2)] = -1
    rack_id: Annotated[str | None, since(3)] = None


class ConsumerProtocolAssignment(Format):
    """What a member is to read; all versions are alike."""

    versions = Versions(0, 3)

    assigned_partitions: list[TopicPartition] = []
    user_data: bytes | None = None


def encode_subscription(subscription: ConsumerProtocolSubscription, version: int) -> bytes:
    """The bytes of a subscription; ProtocolError for a version that there is not."""
    return _encode(subscription, version)


def decode_subscription(data: bytes | memoryview) -> ConsumerProtocolSubscription:
    """A subscription from its bytes; ProtocolError if they are none."""
    return _decode(ConsumerProtocolSubscription, data)


def encode_assignment(assignment: ConsumerProtocolAssignment, version: int) -> bytes:
    """The bytes of an assignment; ProtocolError for a version that there is not."""
    return _encode(assignment, version)


def decode_assignment(data: bytes | memoryview) -> ConsumerProtocolAssignment:
    """An assignment from its bytes; ProtocolError if they are none."""
    return _decode(ConsumerProtocolAssignment, data)


def _encode(content: Format, version: int) -> bytes:
    parts: list[Part] = [_VERSION.pack(version)]
    encoder(type(content), version)(content, parts)
    return join(parts)


def _decode(cls: type[F], data: bytes | memoryview) -> F:
    try:
        (version,) = _VERSION.unpack_from(data)
    except error as cause:
        raise ProtocolError(f"{cls.__name__} of {len(data)} bytes is too short to have a version") from cause
    content, _ = decoder(cls, min(version, cls.versions.last))(memoryview(data), _VERSION.size)
    return content
