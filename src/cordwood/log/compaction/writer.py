"""Writes the copy of a segment: batches end to end, and the indexes that the log would have made of them.

Lives here: step 1 of the swap (swap.py). Must not live here: which batches, and what is done with the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.log.backend import FileKind
from cordwood.log.indexes import Indexes, sync_files
from cordwood.log.store import Store

if TYPE_CHECKING:
    from cordwood.log.compaction.pace import Pace
    from cordwood.log.compaction.swap import CleanedFiles, Run
    from cordwood.records.batch import BatchHeader, Buffer


SYNC_BYTES: Final = 32 << 20
"""What was written is synced when so much came together: one sync of a gigabyte would keep others from the device, and
whoever waits for a stop from going on."""


class CleanedSegment:
    """The segment that is to take the place of a run. One thread writes it, nobody reads it."""

    __slots__ = ("_buffer_bytes", "_files", "_indexes", "_pace", "_pending", "_run", "_store", "_unsynced_bytes")

    def __init__(self, files: CleanedFiles, run: Run, interval_bytes: int, buffer_bytes: int, pace: Pace) -> None:
        self._files = files
        self._run = run
        self._buffer_bytes = buffer_bytes
        self._pace = pace
        self._pending = bytearray()
        """A copy: a view of a batch would keep all that was read with it."""
        self._unsynced_bytes = 0
        self._store = Store(files.open(run.start, FileKind.STORE, create=True))
        self._store.truncate(0)
        self._indexes = Indexes(files, run.start, interval_bytes)

    @property
    def size_bytes(self) -> int:
        """Bytes of batches."""
        return self._store.size_bytes + len(self._pending)

    def add(self, batch: Buffer, header: BatchHeader) -> None:
        """The next batch, which has this header. Raises StorageFailed, CompactionStopped."""
        self._indexes.note(self.size_bytes, header.base_offset, header.latest_timestamp)
        self._pending += batch
        if len(self._pending) >= self._buffer_bytes:
            self._write()

    def finish(self) -> None:
        """Returns when all of it is on the device. Raises StorageFailed, CompactionStopped."""
        self._write()
        self._indexes.write(self._run.end)
        self._store.sync()
        sync_files(self._files, self._run.start)
        self._store.file.close()

    def discard(self) -> None:
        """Removes what was written."""
        self._store.file.close()
        self._files.discard()

    def _write(self) -> None:
        if self._pending:
            size = len(self._pending)
            self._store.append([self._pending])
            self._pending = bytearray()
            self._pace.moved(size)
            self._unsynced_bytes += size
            if self._unsynced_bytes >= SYNC_BYTES:
                self._store.sync()
                self._unsynced_bytes = 0
