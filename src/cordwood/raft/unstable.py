"""The end of the log that storage does not have yet.

Lives here: `Unstable`, the entries and the snapshot on their way to disk. Must not live here: the log as a whole
(raft_log.py).

    storage:   ....──────────────────┐ (may reach further: then the next write replaces its end)
    entries:                  [offset │ handed_out        end)
                               under way │ not yet handed out

Entries stay here after they were handed out, until storage is known to have them for good.
"""

from __future__ import annotations

from collections.abc import Sequence

from cordwood.raft.entries import Entry, Index, Position, Term
from cordwood.raft.state import Snapshot


class Unstable:
    """The end of the log of one node.

    1. offset <= handed_out <= end.
    2. `entries[i]` has the index `offset + i`, without a gap.
    3. With a snapshot, offset is behind it.
    """

    __slots__ = ("entries", "handed_out", "offset", "snapshot", "snapshot_handed_out")

    def __init__(self, offset: Index) -> None:
        self.entries: list[Entry] = []
        self.offset = offset
        self.handed_out = offset
        self.snapshot: Snapshot | None = None
        self.snapshot_handed_out = False

    @property
    def end(self) -> Index:
        """The index behind the last entry."""
        return self.offset + len(self.entries)

    def first_index(self) -> Index | None:
        """The first index of the log, if a snapshot here decides it."""
        return self.snapshot.index + 1 if self.snapshot else None

    def last_index(self) -> Index | None:
        """The last index of the log, if it is decided here."""
        if self.entries:
            return self.end - 1
        return self.snapshot.index if self.snapshot else None

    def term(self, index: Index) -> Term | None:
        """The term of an entry, if it is known here."""
        if self.offset <= index < self.end:
            return self.entries[index - self.offset].term
        return self.snapshot.term if self.snapshot and self.snapshot.index == index else None

    def slice(self, start: Index, end: Index) -> list[Entry]:
        """Entries from `start` on and before `end`, which must all be here."""
        assert self.offset <= start <= end <= self.end, f"[{start}, {end}) is not in [{self.offset}, {self.end})"
        return self.entries[start - self.offset : end - self.offset]

    def next_entries(self) -> list[Entry]:
        """The entries that were not handed out."""
        return self.entries[self.handed_out - self.offset :]

    def next_snapshot(self) -> Snapshot | None:
        """The snapshot, if it was not handed out."""
        return None if self.snapshot_handed_out else self.snapshot

    def hand_out(self) -> None:
        """Everything is on its way to disk now."""
        self.handed_out = self.end
        self.snapshot_handed_out = self.snapshot is not None

    def stable_to(self, position: Position) -> None:
        """Storage has the log up to this entry, and no write under way will replace it.

        Does nothing if another entry is in its place by now.
        """
        index = position.index
        if not self.offset <= index < self.end or self.entries[index - self.offset].term != position.term:
            return
        del self.entries[: index + 1 - self.offset]
        self.offset = index + 1
        self.handed_out = max(self.handed_out, self.offset)

    def snapshot_stable(self, index: Index) -> None:
        """Storage has the snapshot at this index; does nothing if there is another one by now."""
        if self.snapshot and self.snapshot.index == index:
            self.snapshot = None
            self.snapshot_handed_out = False

    def restore(self, snapshot: Snapshot) -> None:
        """The snapshot takes the place of everything."""
        self.entries = []
        self.offset = self.handed_out = snapshot.index + 1
        self.snapshot = snapshot
        self.snapshot_handed_out = False

    def replace(self, entries: Sequence[Entry]) -> None:
        """Adds entries; what is there from the first one's index on goes."""
        start = entries[0].index
        assert start <= self.end, f"entries from {start} on leave a gap behind {self.end}"
        if start == self.end:
            self.entries.extend(entries)
            return
        if start <= self.offset:
            self.entries = list(entries)
            self.offset = start
        else:
            self.entries[start - self.offset :] = entries
        self.handed_out = min(self.handed_out, start)
