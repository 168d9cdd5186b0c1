"""A Storage in memory: for tests, simulations and as a cache before a real one.

Lives here: `MemoryStorage`, with the writes that a driver makes for a Ready. Must not live here: what survives a crash
(whoever simulates one copies the storage at the right moment).
"""

from __future__ import annotations

from collections.abc import Sequence

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Entry, Index, Position, Term, within
from cordwood.raft.errors import Compacted, LogDamaged, SnapshotOutdated, Unavailable
from cordwood.raft.state import HardState, Snapshot

NOTHING = Snapshot(0, 0, Configuration())


class MemoryStorage:
    """The log behind a snapshot, as plain lists. `_start` is the entry that the log follows."""

    def __init__(self, snapshot: Snapshot = NOTHING) -> None:
        self._hard_state = HardState(term=snapshot.term, commit=snapshot.index)
        self._snapshot = snapshot
        self._start = snapshot.position
        self._entries: list[Entry] = []

    def initial_state(self) -> tuple[HardState, Configuration]:
        return self._hard_state, self._snapshot.configuration

    def first_index(self) -> Index:
        return self._start.index + 1

    def last_index(self) -> Index:
        return self._start.index + len(self._entries)

    def term(self, index: Index) -> Term:
        self._check(index)
        return self._start.term if index == self._start.index else self._entries[index - self._start.index - 1].term

    def entries(self, start: Index, end: Index, max_size: int) -> Sequence[Entry]:
        if start <= self._start.index:
            raise Compacted(start, self.first_index())
        if end > self.last_index() + 1:
            raise Unavailable(end - 1, self.last_index())
        return within(self._entries[start - self.first_index() : end - self.first_index()], max_size)

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def set_hard_state(self, hard_state: HardState) -> None:
        self._hard_state = hard_state

    def append(self, entries: Sequence[Entry]) -> None:
        """Adds entries; what is there from the first one's index on is replaced.

        Raises LogDamaged for entries that would leave a gap, or would replace what a snapshot took the place of.
        """
        if not entries:
            return
        at = entries[0].index - self.first_index()
        if not 0 <= at <= len(self._entries):
            raise LogDamaged(
                f"entries from {entries[0].index} on do not fit a log [{self.first_index()}, {self.last_index()}]"
            )
        self._entries[at:] = entries

    def install_snapshot(self, snapshot: Snapshot) -> None:
        """The snapshot takes the place of the whole log. Raises SnapshotOutdated."""
        if snapshot.index <= self._snapshot.index:
            raise SnapshotOutdated(f"a snapshot at {snapshot.index}, where there is one at {self._snapshot.index}")
        self._snapshot = snapshot
        self._start = snapshot.position
        self._entries = []

    def create_snapshot(self, index: Index, configuration: Configuration, data: bytes = b"") -> Snapshot:
        """Makes a snapshot of the state as applied up to `index`; the log stays. Raises SnapshotOutdated, Unavailable."""
        if index <= self._snapshot.index:
            raise SnapshotOutdated(f"a snapshot at {index}, where there is one at {self._snapshot.index}")
        self._snapshot = Snapshot(index, self.term(index), configuration, data)
        return self._snapshot

    def compact(self, index: Index) -> None:
        """Forgets the entries up to `index`, which a snapshot must have taken the place of. Raises Compacted."""
        if index <= self._start.index:
            raise Compacted(index, self.first_index())
        if index > self._snapshot.index:
            raise LogDamaged(f"entries up to {index} are in no snapshot: the newest is at {self._snapshot.index}")
        self._entries, self._start = (
            self._entries[index - self._start.index :],
            Position(self.term(index), index),
        )

    def _check(self, index: Index) -> None:
        if index < self._start.index:
            raise Compacted(index, self.first_index())
        if index > self.last_index():
            raise Unavailable(index, self.last_index())
