"""A node of a group at one moment, as the invariants see it.

Lives here: the view, and what became of a log between two of them. Must not live here: opinions (`invariants`), and how
a view is got (`watcher`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cordwood.raft import Configuration, Entry, Index, NodeId, Position, Role, Term

if TYPE_CHECKING:
    from cordwood.consensus.driver import Driver
    from cordwood.consensus.storage import GroupStorage

EVERYTHING: Final = 1 << 40
"""No page of a log is larger."""


class Log(Protocol):
    """The entries of one node, as it has them now."""

    def term(self, index: Index) -> Term:
        """The term of an entry, or of the one before the first."""
        ...

    def entries(self, start: Index, end: Index, max_size: int) -> Sequence[Entry]:
        """The entries with indexes in [start, end)."""
        ...


class Sight(NamedTuple):
    """What a node says of itself, and where its log begins and ends."""

    node: NodeId
    term: Term
    vote: NodeId
    leads: bool
    commit: Index
    applied: Index
    before: Position
    """The entry before the first one that the log has."""
    last: Position
    snapshot: Position
    """Of the newest snapshot whose file is durable."""
    configuration: Configuration

    @property
    def first(self) -> Index:
        """The first entry that the log has, if it has any."""
        return self.before.index + 1

    def has(self, log: Log, entry: Position) -> bool:
        """Whether an entry is here: in the log, or in the snapshot that took its place."""
        if entry.index <= self.before.index:
            return entry.index < self.before.index or entry.term == self.before.term
        return entry.index <= self.last.index and log.term(entry.index) == entry.term


def sight_of(driver: Driver) -> Sight:
    """A node that runs."""
    status, storage = driver.status(), driver.storage
    return Sight(
        driver.id,
        status.term,
        status.vote,
        status.role is Role.LEADER,
        status.commit,
        status.applied,
        *_extent(storage),
        status.configuration,
    )


def sight_of_disk(node: NodeId, storage: GroupStorage) -> Sight:
    """A node that does not run, as its disk would have it begin."""
    state, configuration = storage.initial_state()
    snapshot = storage.snapshot().index
    return Sight(node, state.term, state.vote, False, state.commit, snapshot, *_extent(storage), configuration)


def _extent(storage: GroupStorage) -> tuple[Position, Position, Position]:
    before, last = storage.first_index() - 1, storage.last_index()
    return (
        Position(storage.term(before), before),
        Position(storage.term(last), last),
        storage.snapshot().position,
    )


class LogChange(NamedTuple):
    """What became of a log since it was looked at last."""

    kept: Index
    """Up to here it is as it was."""
    old_last: Index
    entries: Sequence[Entry]
    """What follows now."""
    previous: Term
    """The term of the entry before those."""

    @property
    def is_cut(self) -> bool:
        """Whether something was taken away."""
        return self.kept < self.old_last


class Terms:
    """The terms of one node's log, as they were when it was looked at last."""

    def __init__(self) -> None:
        self._terms: dict[Index, Term] = {}
        self._last = 0

    def compare(self, sight: Sight, log: Log) -> LogChange:
        """What changed since the last time; remembers what is there now."""
        last, first = sight.last.index, sight.first
        at = last
        # What is below the first entry is in a snapshot: it is not looked at, and not cut either.
        while at >= first and self._terms.get(at) != log.term(at):
            at -= 1
        old_last, known = self._last, max(at, first - 1)
        entries = log.entries(known + 1, last + 1, EVERYTHING) if known < last else ()
        for index in range(known + 1, max(old_last, last) + 1):
            self._terms.pop(index, None)
        self._terms.update((entry.index, entry.term) for entry in entries)
        self._last = last
        return LogChange(min(known, old_last), old_last, entries, log.term(known))
