"""The log as Raft sees it: what storage has, and behind it what is on its way there.

Lives here: `RaftLog`, with the three marks committed, applying and applied, and the rules by which logs are compared.
Must not live here: who may commit what (replication.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.raft.entries import Entry, Index, Position, Term, total_size, within
from cordwood.raft.errors import Compacted, LogDamaged, Unavailable
from cordwood.raft.state import Snapshot
from cordwood.raft.storage import Storage
from cordwood.raft.unstable import Unstable


class RaftLog:
    """The log of one node.

    1. applied <= applying <= committed <= last_index.
    2. Nothing at or below committed is ever replaced.
    3. Entries are without a gap from first_index to last_index; the term right before the first is known.
    """

    __slots__ = (
        "_paused",
        "applied",
        "applying",
        "applying_size",
        "committed",
        "max_applying_size",
        "storage",
        "unstable",
    )

    def __init__(self, storage: Storage, max_applying_size: int) -> None:
        self.storage = storage
        self.unstable = Unstable(storage.last_index() + 1)
        self.committed: Index = storage.first_index() - 1
        """Durable on a quorum."""
        self.applying: Index = self.committed
        """Handed out to be applied."""
        self.applied: Index = self.committed
        """Reported as applied."""
        self.applying_size = 0
        """The bytes between applied and applying."""
        self.max_applying_size = max_applying_size
        self._paused = False

    def first_index(self) -> Index:
        """The first entry that is there."""
        first = self.unstable.first_index()
        return self.storage.first_index() if first is None else first

    def last_index(self) -> Index:
        """The last entry that is there; the one before the first if there is none."""
        last = self.unstable.last_index()
        return self.storage.last_index() if last is None else last

    def last(self) -> Position:
        """Where the log ends."""
        index = self.last_index()
        return Position(self.term(index), index)

    def last_committed(self) -> Position:
        """The last entry that is known to be committed."""
        return Position(self.term(self.committed), self.committed)

    def term(self, index: Index) -> Term:
        """The term of an entry, or of the one right before the first. Raises Compacted, Unavailable."""
        term = self.unstable.term(index)
        if term is not None:
            return term
        if index + 1 < self.first_index():
            raise Compacted(index, self.first_index())
        if index > self.last_index():
            raise Unavailable(index, self.last_index())
        return self.storage.term(index)

    def term_or_zero(self, index: Index) -> Term:
        """The term of an entry, or 0 (which no entry has) if the log does not have it."""
        try:
            return self.term(index)
        except (Compacted, Unavailable):
            return 0

    def matches(self, position: Position) -> bool:
        """Whether the log has this very entry: if so, it is equal to every log that has it, up to there."""
        try:
            return self.term(position.index) == position.term
        except (Compacted, Unavailable):
            return False

    def is_up_to_date(self, other: Position) -> bool:
        """Whether a log that ends there has everything that this one may have committed."""
        return other >= self.last()

    def append(self, entries: Sequence[Entry]) -> Index:
        """Adds entries at their indexes; returns the new last index. Raises LogDamaged below the commit index."""
        if entries:
            if entries[0].index <= self.committed:
                raise LogDamaged(f"entry {entries[0].index} is to be replaced, and {self.committed} is committed")
            self.unstable.replace(entries)
        return self.last_index()

    def accept(self, previous: Position, entries: Sequence[Entry], commit: Index) -> Index | None:
        """Takes over what a leader sent; returns up to where the logs agree, or None if `previous` is not here.

        Raises LogDamaged when the leader contradicts what is committed.
        """
        if not self.matches(previous):
            return None
        agreed = previous.index + len(entries)
        at = self._first_difference(entries)
        if at is not None:
            self.append(entries[at:])
        self.commit_to(min(commit, agreed))
        return agreed

    def _first_difference(self, entries: Sequence[Entry]) -> int | None:
        """Which of the entries is the first that the log does not have: it is new, or in conflict."""
        for at, entry in enumerate(entries):
            if not self.matches(Position(entry.term, entry.index)):
                return at
        return None

    def agreement_before(self, position: Position) -> Position:
        """The highest place at or before `position` whose term is not above its term; term 0 if it is not known.

        Where another log ends at `position`, or has this entry there, the two cannot agree in between.
        """
        index = position.index
        while index > 0:
            try:
                term = self.term(index)
            except (Compacted, Unavailable):
                return Position(0, index)
            if term <= position.term:
                return Position(term, index)
            index -= 1
        return Position(0, 0)

    def commit_to(self, index: Index) -> None:
        """Moves the commit index, never back. Raises LogDamaged if the entry is not here."""
        if index <= self.committed:
            return
        if index > self.last_index():
            raise LogDamaged(f"entry {index} is committed, and the log ends at {self.last_index()}: the log was lost")
        self.committed = index

    def entries(self, start: Index, max_size: int) -> Sequence[Entry]:
        """Entries from `start` on, at least one if there is any. Raises Compacted."""
        last = self.last_index()
        return () if start > last else self.slice(start, last + 1, max_size)

    def slice(self, start: Index, end: Index, max_size: int) -> Sequence[Entry]:
        """Entries from `start` on and before `end`, within `max_size` but for the first. Raises Compacted."""
        if start < self.first_index():
            raise Compacted(start, self.first_index())
        offset = self.unstable.offset
        if start >= offset:
            return within(self.unstable.slice(start, end), max_size)
        stored = self.storage.entries(start, min(end, offset), max_size)
        # When storage gave less than it has, the size limit is used up.
        if end <= offset or len(stored) < offset - start:
            return stored
        return within([*stored, *self.unstable.slice(offset, end)], max_size)

    def pages(self, start: Index, end: Index, page_size: int) -> Iterator[Sequence[Entry]]:
        """All entries from `start` on and before `end`, in parts of `page_size` bytes."""
        while start < end:
            page = self.slice(start, end, page_size)
            yield page
            start += len(page)

    def snapshot(self) -> Snapshot:
        """The newest snapshot. Raises SnapshotUnavailable."""
        return self.unstable.snapshot or self.storage.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """The snapshot takes the place of the log."""
        self.committed = snapshot.index
        self.unstable.restore(snapshot)

    def to_apply(self, *, unstable: bool) -> Sequence[Entry]:
        """The entries that can be applied next; with `unstable`, also such that storage does not have yet."""
        if not self.has_to_apply(unstable=unstable):
            return ()
        return self.slice(self.applying + 1, self._appliable(unstable) + 1, self.max_applying_size - self.applying_size)

    def has_to_apply(self, *, unstable: bool) -> bool:
        """Whether `to_apply` has something: nothing while a snapshot waits to be taken over, or too much is under way."""
        return not self._paused and not self.unstable.snapshot and self.applying < self._appliable(unstable)

    def _appliable(self, unstable: bool) -> Index:
        return self.committed if unstable else min(self.committed, self.unstable.offset - 1)

    def hand_out_to_apply(self, entries: Sequence[Entry], *, unstable: bool) -> None:
        """These entries are being applied now."""
        self.applying = entries[-1].index
        self.applying_size += total_size(entries)
        # Less than everything was given, or nothing is left of the limit: the next ones wait for these.
        self._paused = self.applying_size >= self.max_applying_size or self.applying < self._appliable(unstable)

    def applied_to(self, index: Index, size: int) -> None:
        """Everything up to `index` is applied; `size` of it was under way."""
        assert self.applied <= index <= self.committed, f"applied {index} is not in [{self.applied}, {self.committed}]"
        self.applied = index
        self.applying = max(self.applying, index)
        self.applying_size = max(0, self.applying_size - size)
        self._paused = self.applying_size >= self.max_applying_size
