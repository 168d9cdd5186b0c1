"""What Raft reads from disk.

Lives here: the `Storage` port. Raft never writes: what is to be written leaves in a Ready (ready.py), and must be seen
through this port from the moment on that it was reported as written. Must not live here: an implementation
(memory_storage.py has one; the shell has the real one).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Entry, Index, Term
from cordwood.raft.state import HardState, Snapshot


class Storage(Protocol):
    """The durable log, from `first_index` to `last_index` without a gap, right behind the snapshot."""

    def initial_state(self) -> tuple[HardState, Configuration]:
        """What was last made durable, and the configuration as of the applied index that the node starts with."""

    def first_index(self) -> Index:
        """The first entry that is there: one behind the snapshot that took the place of those before."""

    def last_index(self) -> Index:
        """The last entry that is there; `first_index() - 1` if there is none."""

    def term(self, index: Index) -> Term:
        """The term of an entry, or of the one right before the first. Raises Compacted, Unavailable."""

    def entries(self, start: Index, end: Index, max_size: int) -> Sequence[Entry]:
        """Entries from `start` on and before `end`, at least one, and no more than `max_size` bytes but for the first.

        Raises Compacted, Unavailable.
        """

    def snapshot(self) -> Snapshot:
        """The newest snapshot: at `first_index() - 1` or behind it. Raises SnapshotUnavailable: asked again later."""
