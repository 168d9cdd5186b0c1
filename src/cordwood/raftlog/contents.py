"""What a raft log holds in memory: its state, where its entries are, and the newest of them.

Lives here: what a record does to the three of them. Must not live here: whether a call may be made (state.py), files.

Invariants:
1. Every entry's index lies above that of `purged`, and at or below that of `last`.
2. The cache holds entries only, each under the position that the index has for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from cordwood.raftlog.cache import EntryCache
from cordwood.raftlog.entries import Entries
from cordwood.raftlog.records import Append, PurgeUpto, State, TruncateAfter
from cordwood.raftlog.state import LiveState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.raftlog.codecs import RaftTypes
    from cordwood.raftlog.config import RaftLogConfig
    from cordwood.raftlog.records import Record

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")


class Contents(Generic[L, V, P, U]):
    """State, index and cache. Its owner locks."""

    __slots__ = ("_index_of", "cache", "entries", "state")

    def __init__(self, types: RaftTypes[L, V, P, U], config: RaftLogConfig) -> None:
        self._index_of = types.index_of
        self.state: LiveState[L, V, P, U] = LiveState(types)
        self.entries = Entries()
        self.cache: EntryCache[L, P] = EntryCache(
            config.cache_max_items, config.cache_capacity_bytes, types.payload_size
        )

    def replay(self, record: Record[V, L, P, U], position: int, size: int) -> None:
        """Applies a record that was read back. Raises RaftLogRefusal if it contradicts what is before it."""
        self.state.replay(record)
        self._follow(record, position, size)

    def apply(self, record: Record[V, L, P, U], position: int, size: int) -> None:
        """Applies a record that keeps to the rules."""
        self.state.apply(record)
        self._follow(record, position, size)

    def replay_entry(self, log_id: L, payload: P, position: int, size: int) -> None:
        """Applies an Append that was read back. Raises RaftLogRefusal if it contradicts what is before it."""
        index = self.state.check_next(log_id)
        self.state.last = log_id
        self.entries.add(index, position, size)
        self.cache.insert(position, (log_id, payload))

    def append(
        self, indexes: Sequence[int], entries: Sequence[tuple[L, P]], positions: Sequence[int], sizes: Sequence[int]
    ) -> None:
        """Applies Appends that keep to the rules; all sequences have one length, which is not 0."""
        self.state.last = entries[-1][0]
        self.entries.add_all(indexes, positions, sizes)
        self.cache.insert_all(positions, entries)

    def _follow(self, record: Record[V, L, P, U], position: int, size: int) -> None:
        match record:
            case Append():
                self.entries.add(self._index_of(record.log_id), position, size)
                self.cache.insert(position, (record.log_id, record.payload))
            case TruncateAfter():
                self._cut_after(record.log_id)
            case PurgeUpto() | State():
                self._cut_to_state()
            case _:
                pass  # Votes and commits concern no entry.

    def _cut_to_state(self) -> None:
        """A purge may jump beyond the last entry, and a State may say anything: the entries follow."""
        self._cut_after(self.state.last)
        purged = self.entries.cut_before(self.state.next_index(self.state.purged))
        if purged is not None:
            self.cache.cut_upto(purged)

    def _cut_after(self, log_id: L | None) -> None:
        cut = self.entries.cut_from(self.state.next_index(log_id))
        if cut is not None:
            self.cache.cut_from(cut)
