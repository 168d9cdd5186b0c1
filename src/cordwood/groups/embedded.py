"""The bytes that consumers of the classic protocol hand to each other through the coordinator, read and written.

Lives here: ConsumerProtocolSubscription and ConsumerProtocolAssignment. Must not live here: what is done with them.
To the coordinator of a classic group they are opaque; it looks inside to tell which topics the group consumes, and when
a group passes from one protocol to the other. Nobody promises that they are well formed: whoever reads gets None then.

    subscription:  version i16 | topics [string] | user data bytes | since 1: owned [topic string | partitions [i32]]
                   | since 2: generation i32 | since 3: rack string
    assignment:    version i16 | assigned [topic string | partitions [i32]] | user data bytes

A string is a u16 length and UTF-8, bytes and lists begin with an i32; -1 stands for null. Later versions only append, so
that a reader takes what it knows (Kafka's ConsumerProtocol).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

PROTOCOL_TYPE: Final = "consumer"
"""The protocol type of groups whose members talk in these bytes."""

NEWEST_VERSION: Final = 3

NO_GENERATION: Final = -1

T = TypeVar("T")


class Subscription(msgspec.Struct, frozen=True):
    """What a classic consumer wants, and what it has."""

    topics: tuple[str, ...] = ()
    user_data: bytes | None = None
    owned: dict[str, tuple[int, ...]] = {}
    generation: int = NO_GENERATION
    rack_id: str | None = None
    version: int = NEWEST_VERSION


class Assignment(msgspec.Struct, frozen=True):
    """What a classic consumer gets."""

    partitions: dict[str, tuple[int, ...]] = {}
    user_data: bytes | None = None
    version: int = NEWEST_VERSION


def read_subscription(data: bytes) -> Subscription | None:
    """The subscription in these bytes; None when they hold none."""
    return _read(data, _subscription)


def read_topics(data: bytes) -> tuple[str, ...] | None:
    """The topics of the subscription in these bytes, whatever stands behind them; None when they hold none."""
    return _read(data, lambda reader, _: tuple(reader.items(reader.string)))


def read_assignment(data: bytes) -> Assignment | None:
    """The assignment in these bytes, which are empty for a member without one; None when they hold none."""
    return _read(data, _assignment) if data else Assignment()


def write_subscription(subscription: Subscription) -> bytes:
    """A subscription as bytes, in its own version."""
    parts = [struct.pack(">hi", subscription.version, len(subscription.topics))]
    parts += [_string(topic) for topic in subscription.topics]
    parts.append(_bytes(subscription.user_data))
    if subscription.version >= 1:
        parts.append(_partitions(subscription.owned))
    if subscription.version >= 2:
        parts.append(struct.pack(">i", subscription.generation))
    if subscription.version >= 3:
        parts.append(_string(subscription.rack_id))
    return b"".join(parts)


def write_assignment(assignment: Assignment) -> bytes:
    """An assignment as bytes, in its own version."""
    parts = [struct.pack(">h", assignment.version), _partitions(assignment.partitions), _bytes(assignment.user_data)]
    return b"".join(parts)


class _Reader:
    """Walks over bytes. Raises struct.error where they end too early, ValueError where they make no sense."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._position)
        self._position += struct.calcsize(form)
        return int(value)

    def raw(self, length: int) -> bytes:
        end = self._position + length
        if length < 0 or end > len(self._data):
            raise ValueError(f"{length} bytes at {self._position} of {len(self._data)}")
        piece = self._data[self._position : end]
        self._position = end
        return piece

    def string(self) -> str:
        return self.raw(self.number(">h")).decode()

    def nullable_string(self) -> str | None:
        length = self.number(">h")
        return None if length == -1 else self.raw(length).decode()

    def nullable_bytes(self) -> bytes | None:
        length = self.number(">i")
        return None if length == -1 else self.raw(length)

    def items(self, read: Callable[[], T]) -> list[T]:
        # Every element takes bytes, so a count from nowhere ends at the end of the data and not before memory does.
        count = self.number(">i")
        if count < 0:
            raise ValueError(f"{count} elements")
        return [read() for _ in range(count)]

    def partitions(self) -> dict[str, tuple[int, ...]]:
        return dict(self.items(lambda: (self.string(), tuple(self.items(lambda: self.number(">i"))))))


def _read(data: bytes, read: Callable[[_Reader, int], T]) -> T | None:
    reader = _Reader(data)
    try:
        version = reader.number(">h")
        return read(reader, version) if version >= 0 else None
    except (struct.error, ValueError):
        return None


def _subscription(reader: _Reader, version: int) -> Subscription:
    return Subscription(
        tuple(reader.items(reader.string)),
        reader.nullable_bytes(),
        reader.partitions() if version >= 1 else {},
        reader.number(">i") if version >= 2 else NO_GENERATION,
        reader.nullable_string() if version >= 3 else None,
        min(version, NEWEST_VERSION),
    )


def _assignment(reader: _Reader, version: int) -> Assignment:
    return Assignment(reader.partitions(), reader.nullable_bytes(), min(version, NEWEST_VERSION))


def _string(value: str | None) -> bytes:
    if value is None:
        return struct.pack(">h", -1)
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def _bytes(value: bytes | None) -> bytes:
    return struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value


def _partitions(partitions: Mapping[str, Sequence[int]]) -> bytes:
    parts = [struct.pack(">i", len(partitions))]
    for topic, indexes in partitions.items():
        parts.append(_string(topic))
        parts.append(struct.pack(f">i{len(indexes)}i", len(indexes), *indexes))
    return b"".join(parts)
