"""What clients asked for and what they were told, as they would remember it.

Lives here: the record. Must not live here: opinions; those are the promises beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
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


class Kept(NamedTuple):
    """A register was looked at: what had been acknowledged and asked by then, and what came."""

    register: str
    acknowledged: int
    asked: int
    seen: int


class Outcome(Enum):
    """What a producer knows of a transaction."""

    OPEN = "open"
    """It has not asked for its end, or only to abort it."""
    MAYBE = "perhaps committed"
    """It has asked to commit it."""
    COMMITTED = "committed"
    ABORTED = "aborted"


@dataclass(slots=True)
class Transaction:
    """What a transactional producer wanted to happen, all of it or nothing."""

    producer: str
    group: str
    number: int
    values: dict[Place, list[bytes]]
    moves_offset: bool
    """Whether the group's offset in partition 0 becomes the number."""
    outcome: Outcome = Outcome.OPEN


@dataclass(slots=True)
class Notes:
    """The memory of all clients of a run."""

    sent: dict[Place, list[Sent]] = field(default_factory=dict)
    acknowledged: dict[Place, list[Acknowledged]] = field(default_factory=dict)
    read: dict[Place, list[Stored]] = field(default_factory=dict)
    """What readers saw while things went wrong."""
    kept: list[Kept] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    """In the order in which each producer began its own."""
    read_committed: dict[Place, list[bytes]] = field(default_factory=dict)
    """What readers of committed records saw while things went wrong."""
    offsets: dict[str, int] = field(default_factory=dict)
    """Where the groups of transactional producers are in the end."""
    refused: list[str] = field(default_factory=list)
    """Answers that a client could do nothing about, or that cannot be."""
