"""What clients asked for and what they were told, as they would remember it.

Lives here: the record. Must not live here: opinions; those are the promises beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from cordwood.records.batch import BatchHeader

Place: TypeAlias = tuple[str, str, int]
"""The machine, the topic, the partition."""


class Sent(NamedTuple):
    """A batch of an idempotent producer."""

    producer_id: int
    epoch: int
    base_sequence: int
    values: tuple[bytes, ...]

    @property
    def key(self) -> tuple[int, int, int]:
        """What identifies a batch, however often it is sent."""
        return self.producer_id, self.epoch, self.base_sequence


class Stored(NamedTuple):
    """A batch as a reader got it."""

    header: BatchHeader
    values: tuple[bytes, ...]

    @property
    def key(self) -> tuple[int, int, int]:
        """As that of the batch that was sent."""
        return self.header.producer_id, self.header.producer_epoch, self.header.base_sequence


class Acknowledged(NamedTuple):
    """The broker said that a batch is safe; at which offset, if it said so."""

    sent: Sent
    offset: int | None


class Committed(NamedTuple):
    """A group's offset was asked for: what had been acknowledged and asked by then, and what came."""

    group: str
    acknowledged: int
    asked: int
    seen: int


@dataclass(slots=True)
class Notes:
    """The memory of all clients of a run."""

    sent: dict[Place, list[Sent]] = field(default_factory=dict)
    acknowledged: dict[Place, list[Acknowledged]] = field(default_factory=dict)
    read: dict[Place, list[Stored]] = field(default_factory=dict)
    """What readers saw while things went wrong."""
    committed: list[Committed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Answers that a client could do nothing about."""
