"""The language in which messages are declared: one class per message for all its versions.

A request or response is a `Message`, other bytes with versions are a `Format`, the structures inside are `Struct`s. A field's type says what is on the wire, its
annotation says in which versions:

    class PartitionProduceResponse(Struct):
        index: Int32 = 0
        log_append_time_ms: Annotated[Int64, since(2)] = -1
        error_message: Annotated[str | None, since(8)] = None
        current_leader: Annotated[LeaderIdAndEpoch, tagged(0, since=10)] = LeaderIdAndEpoch()

The rules:
- every field has a default: Kafka's, or None where Kafka allows null and names no default; a version without the field
  decodes to it;
- `bytes` are copied when they are read, so that they may be kept; only records are views;
- `X | None` may be null on the wire, in all versions or, with `nullable(since=n)`, from version n;
- a structure that is the default of a field is a `DefaultStruct`;
- fields stand in the order of the wire.

Lives here: the words of the language. Must not live here: how a declaration is read (`plan`) or compiled.
"""

from __future__ import annotations

from collections.abc import Sized
from enum import Enum
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

LATEST: Final = 32767
"""The end of an open range of versions."""

NO_UUID: Final = bytes(16)
"""What Kafka writes where there is no UUID."""


class Versions(NamedTuple):
    """A closed range of versions, as Kafka writes them: `first` and `last` are both inside."""

    first: int
    last: int

    def holds(self, version: int) -> bool:
        """Whether the version is inside."""
        return self.first <= version <= self.last

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"


ALL_VERSIONS: Final = Versions(0, LATEST)


class Nullable(NamedTuple):
    """The versions in which an optional field may be null."""

    versions: Versions


class Tagged(NamedTuple):
    """The number of a tagged field, and the versions that have it."""

    number: int
    versions: Versions


def since(first: int) -> Versions:
    """The field is there from this version on."""
    return Versions(first, LATEST)


def until(last: int) -> Versions:
    """The field is there up to this version."""
    return Versions(0, last)


def between(first: int, last: int) -> Versions:
    """The field is there in these versions, both inside."""
    return Versions(first, last)


def nullable(*, since: int) -> Nullable:
    """The field may be null from this version on."""
    return Nullable(Versions(since, LATEST))


def tagged(number: int, *, since: int) -> Tagged:
    """The field is a tagged one (KIP-482), there from this version on."""
    return Tagged(number, Versions(since, LATEST))


class Kind(Enum):
    """What a single value is on the wire; the value of a fixed-width kind is its letter in the `struct` module."""

    BOOL = "?"
    INT8 = "b"
    INT16 = "h"
    INT32 = "i"
    INT64 = "q"
    UINT16 = "H"
    FLOAT64 = "d"
    UUID = "16s"
    STRING = "string"
    BYTES = "bytes"
    RECORDS = "records"
    STRUCT = "structure"

    @property
    def size_bytes(self) -> int | None:
        """The width of a fixed-width kind, None for the others."""
        return _WIDTHS.get(self)


_WIDTHS: Final = {
    Kind.BOOL: 1,
    Kind.INT8: 1,
    Kind.INT16: 2,
    Kind.INT32: 4,
    Kind.INT64: 8,
    Kind.UINT16: 2,
    Kind.FLOAT64: 8,
    Kind.UUID: 16,
}

Int8 = Annotated[int, Kind.INT8]
Int16 = Annotated[int, Kind.INT16]
Int32 = Annotated[int, Kind.INT32]
Int64 = Annotated[int, Kind.INT64]
UInt16 = Annotated[int, Kind.UINT16]
Uuid = Annotated[bytes, Kind.UUID]
"""Sixteen bytes; sixteen zeros mean none."""

RecordsView = Annotated[memoryview, Kind.RECORDS]
"""Record batches that were received: a slice of the frame, without a copy."""

Records = Annotated[Sized, Kind.RECORDS]
"""Record batches to be sent: anything whose `len` is its size in bytes; it becomes a part of its own, untouched."""


class Struct(msgspec.Struct, gc=False):
    """A structure inside a message. Messages are trees, so the cycle collector need not see them."""


class DefaultStruct(msgspec.Struct, gc=False, frozen=True):
    """A structure that is the default of a field: one instance serves every message, so nobody may change it."""


class Format(Struct):
    """What has versions and can be compiled; the class attributes hold for the format as a whole."""

    versions: ClassVar[Versions]
    """The versions that the declaration covers and that can be compiled."""
    flexible_from: ClassVar[int] = LATEST
    """The first version with compact lengths and tagged fields (KIP-482)."""


class Message(Format):
    """A request or a response."""

    api_key: ClassVar[int]
