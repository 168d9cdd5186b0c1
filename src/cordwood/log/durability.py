"""What of a log is on the device, and who made it so.

    start_offset      recovery_point           synced_offset            end_offset
        |------ durable, indexes too ---|--- durable batches ---|--- page cache ---|

Lives here: one sync at a time for each log, and the failures that end its writing. Must not live here: who waits for
which offset (flusher.py), what is written (log.py).

Rules:
1. `synced_offset` moves only after fdatasync of every store that holds batches below it, oldest first, and after the
   directory is durable if names in it changed.
2. A sync that failed is never tried again: the kernel may have dropped the pages. The log refuses all further writes
   and syncs until it is opened again. The failure is remembered beside the files until the machine stops: the page cache
   goes on showing what the device does not have, so recovery writes it once more.
3. A caller whose offset was synced while it waited for the lock returns at once: that is the group commit.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from cordwood.model.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.log.backend import Backend
    from cordwood.log.segments import Segments
    from cordwood.model.errors import CordwoodError


class Durability:
    """Syncs one log. Any thread may call."""

    __slots__ = (
        "_backend",
        "_names",
        "_synced_names",
        "lock",
        "recovery_point",
        "refusal",
        "segments",
        "synced_offset",
        "syncing",
    )

    def __init__(self, backend: Backend, *, synced_offset: int, recovery_point: int) -> None:
        self._backend = backend
        self.segments: Callable[[], Segments] | None = None
        """Those of the log; None while it rests, when all of it is synced."""
        self.lock = threading.RLock()
        """Held by whoever moves the log's bounds or its recovery point."""
        self.syncing = threading.RLock()
        """Held during a sync, and while the end of the log goes back. The order of locks: `lock`, `syncing`, the log's
        append lock; so that a checkpoint keeps no append from its sync."""
        self.synced_offset = synced_offset
        self.recovery_point = recovery_point
        self._names = 1
        self._synced_names = 0
        self.refusal: CordwoodError | None = None
        """Why the log takes no writes: closed, or failed."""

    @property
    def failure(self) -> StorageFailed | None:
        """The failure that ended the writing, if any."""
        return self.refusal if isinstance(self.refusal, StorageFailed) else None

    def fail(self, error: StorageFailed) -> None:
        """The storage failed: the log takes no more writes. The first failure is the one that is told."""
        if self.refusal is None:
            self.refusal = error

    def retreat(self, end_offset: int) -> None:
        """The log is about to end at `end_offset`: nothing beyond it counts as synced. Called under `syncing`."""
        self.synced_offset = min(self.synced_offset, end_offset)
        self.names_changed()

    def move(self, backend: Backend) -> None:
        """The files are there from now on, and durable. Called under all locks of the log."""
        self._backend = backend
        self._synced_names = self._names

    def names_changed(self) -> None:
        """Files came or went: the next sync makes the directory durable. Called under the log's append lock."""
        self._names += 1

    def sync(self, offset: int | None = None) -> int:
        """Returns when everything below `offset` is on the device, or everything that was appended before the call.

        Returns the synced offset. Raises StorageFailed or LogClosed.
        """
        if offset is not None and offset <= self.synced_offset:
            return self.synced_offset
        with self.syncing:
            if offset is not None and offset <= self.synced_offset:
                return self.synced_offset
            if self.refusal is not None:
                raise self.refusal
            if self.segments is None:
                return self.synced_offset
            # The order matters: a rotation first says that names changed and then shows its segment.
            segments = self.segments()
            end = segments.active.next_offset
            if end > self.synced_offset or self._names != self._synced_names:
                self._sync_stores(segments)
                self.synced_offset = end
            return self.synced_offset

    def _sync_stores(self, segments: Segments) -> None:
        names = self._names
        try:
            if names != self._synced_names:
                self._backend.sync()
                self._synced_names = names
            for segment in segments.since(self.synced_offset):
                segment.sync()
        except StorageFailed as error:
            self.fail(error)
            raise
