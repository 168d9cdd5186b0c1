"""When the state machine is written to a snapshot, and when it is taken from one.

      enough applied ──> state machine gives its parts ──> file is written (background) ──> the log is cut behind it
      a snapshot arrived ──> Raft takes it over ──> the log is replaced ──> the state machine is restored

Lives here: that. Must not live here: files (snapshots.py), the log (storage.py), the way to other nodes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cordwood.raft import Snapshot

if TYPE_CHECKING:
    from cordwood.consensus.applying import Applier
    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.outgoing import InBackground
    from cordwood.consensus.storage import GroupStorage


class Snapshotting:
    """The snapshots of one node."""

    def __init__(
        self, config: GroupConfig, storage: GroupStorage, applier: Applier, in_background: InBackground
    ) -> None:
        self._config = config
        self._storage = storage
        self._applier = applier
        self._in_background = in_background
        self._is_making = False
        self.made = 0
        self.installed = 0

    def make_if_due(self) -> None:
        """Makes a snapshot where much was applied since the last one."""
        config, applier = self._config, self._applier
        if applier.bytes_since >= config.snapshot_every_bytes or applier.entries_since >= config.snapshot_every_entries:
            self.make()

    def make(self) -> None:
        """Makes a snapshot of what is applied; nothing while one is being made, or if it would be the same."""
        index = self._applier.applied
        if self._is_making or index <= self._storage.snapshot().index:
            return
        self._is_making = True
        snapshot = Snapshot(index, self._storage.term(index), self._applier.configuration)
        work = partial(self._storage.snapshots.write, snapshot, self._applier.state())
        self._in_background(work, partial(self._written, snapshot))

    def _written(self, snapshot: Snapshot, size_bytes: int) -> None:
        assert size_bytes > 0, "a snapshot has a head at least"
        self._is_making = False
        if snapshot.index > self._storage.snapshot().index:
            self.made += 1
            self._storage.compact(snapshot, self._config.keep_entries)
            self._remove_before(snapshot)

    def restore(self, snapshot: Snapshot) -> None:
        """The state machine follows a snapshot that took the place of the log. Raises CorruptLog, StorageFailed."""
        self.installed += 1
        self._applier.restore(snapshot, self._storage.snapshots.parts(snapshot.position))
        self._remove_before(snapshot)

    def _remove_before(self, snapshot: Snapshot) -> None:
        self._in_background(partial(self._storage.snapshots.remove_before, snapshot.index), _forget)


def _forget(count: int) -> None:
    """Nobody asks how many were removed."""
