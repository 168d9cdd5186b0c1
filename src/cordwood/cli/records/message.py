"""A record as a client hands it out, and one as it is handed to a client.

Lives here: the two shapes, without a client. Must not live here: how either is written or read as text.
"""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

Header = tuple[str, bytes | None]
"""Names may come more than once, their order counts, and a value may be null."""

TIMESTAMP_TYPES: Final = {1: "create", 2: "log_append"}
"""librdkafka's numbers for who set a timestamp; 0 is for records that have none."""


class Message(Protocol):
    """A record that was consumed: the part of confluent-kafka's Message that is shown."""

    def topic(self) -> str:
        """The topic's name."""

    def partition(self) -> int:
        """The number of the partition."""

    def offset(self) -> int:
        """The offset in the partition."""

    def timestamp(self) -> tuple[int, int]:
        """Who set the timestamp, and the timestamp in milliseconds."""

    def leader_epoch(self) -> int | None:
        """The epoch of the leader that appended the record, if it is told."""

    def key(self) -> bytes | None:
        """The key; None is null, which is not empty."""

    def value(self) -> bytes | None:
        """The value; None is a tombstone."""

    def headers(self) -> list[Header] | None:
        """The headers; None if there are none."""


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """A record that is to be produced. What is None is left to the client, but for key and value: there it is null."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()
    partition: int | None = None
    timestamp_ms: int | None = None
