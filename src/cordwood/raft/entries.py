"""The numbers of Raft and the entry of its log.

Lives here: node ids, terms and indexes, `Entry`, and what entries count for against the size limits. Must not live
here: how entries are stored or sent.

The three kinds of number are aliases and not NewTypes: this package computes with them on every line, and is of use
without the rest of the house.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import msgspec

NodeId: TypeAlias = int
"""Who a node is: above 0, and never used again for another node."""

Term: TypeAlias = int
"""Numbers the elections: 0 before the first."""

Index: TypeAlias = int
"""The place of an entry in the log: 1 for the first, 0 for the place before it."""

NOBODY: Final[NodeId] = 0
"""No node: no leader is known, no vote was given, nobody is to take the leadership over."""

ENTRY_OVERHEAD: Final = 24
"""The bytes that an entry counts for besides its data: index, term, kind and framing, however they are encoded."""


class EntryKind(enum.IntEnum):
    """What the data of an entry is."""

    NORMAL = 0
    """The application's own bytes; empty for the entry with which a leader opens its term."""
    CONF_CHANGE = 1
    """An encoded ConfChange (changes.py)."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One place of the log. Two entries with the same index and term are the same entry, on whichever node."""

    index: Index
    term: Term
    kind: EntryKind = EntryKind.NORMAL
    data: bytes = b""

    @property
    def size(self) -> int:
        """What this entry counts for in a message or a page of the log."""
        return len(self.data) + ENTRY_OVERHEAD


class Position(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Where a log ends, or where one entry is: ordered as the election rule compares logs, by term, then by index."""

    term: Term
    index: Index


def total_size(entries: Iterable[Entry]) -> int:
    """What entries count for in a message."""
    return sum([entry.size for entry in entries])


def payload_size(entries: Iterable[Entry]) -> int:
    """The bytes of data alone: 0 for what a leader appends on its own account, which no limit may refuse."""
    return sum([len(entry.data) for entry in entries])


def within(entries: Sequence[Entry], max_size: int) -> Sequence[Entry]:
    """The longest beginning of `entries` within `max_size` bytes, and the first entry however big it is."""
    size = 0
    for count, entry in enumerate(entries):
        size += entry.size
        if size > max_size and count > 0:
            return entries[:count]
    return entries
