"""The chunks of an open raft log: records are put at the end, then written, then synced.

      retired             closed                 open
      [unlinked soon] [chunk][chunk][chunk] [chunk ............................]
                                              synced        written          end
                                            ---|--------------|---------------|
                                            durable    page cache    `_runs`, in memory

Lives here: which bytes go to which file and in which order. Must not live here: what they mean, and who waits for them
(flusher.py).

Rules:
1. A chunk is durable before the file of the next one is made: only the last chunk can have a torn tail.
2. A file's name is durable before anything in it counts as synced.
3. A sync that failed is never tried again, and neither is a write: the first failure stays. That a sync failed is
   remembered beside the files (doubt.py).
4. A retired chunk is unlinked once the record that purged it is durable.

Methods that say so are called under `lock`; of the others one thread calls one at a time.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from cordwood.raftlog.chunk import Chunk
from cordwood.raftlog.doubt import datasync

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cordwood.env.disk import Disk, File
    from cordwood.model.errors import StorageFailed
    from cordwood.raftlog.config import RaftLogConfig
    from cordwood.raftlog.records import RaftLogState


class _Run:
    """Records of one chunk that wait to be written."""

    __slots__ = ("chunk", "parts")

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.parts: list[bytes] = []


class Wal:
    """The files of one log."""

    def __init__(
        self,
        disk: Disk,
        path: str,
        config: RaftLogConfig,
        chunks: Sequence[Chunk],
        on_closed_durable: Callable[[int], None],
    ) -> None:
        self._disk = disk
        self.path = path
        self._config = config
        self._on_closed_durable = on_closed_durable
        self.lock = threading.Lock()
        """Held by whoever puts records or looks at several of the following together."""
        self.chunks = tuple(chunks)
        """Oldest first; the last one is open, and may have no file yet. Replaced whole."""
        self.end: int = self.open_chunk.end
        """The offset in the whole log after the last record."""
        self.synced: int = self.end
        """Everything below is durable."""
        self.must_sync: int = self.end
        """Everything below has to be durable for whoever flushes now; what was put lazily can wait."""
        self.unwritten_bytes = 0
        self.syncs = 0
        """How many times the device was waited for."""
        self.failure: StorageFailed | None = None
        """What ended the writing, for ever."""
        self._written: int = self.end
        self._writing = self.open_chunk
        self._runs = [_Run(self.open_chunk)]
        self._retired: list[tuple[int, Chunk]] = []

    @property
    def open_chunk(self) -> Chunk:
        """The chunk that takes records."""
        return self.chunks[-1]

    @property
    def is_full(self) -> bool:
        """Whether the open chunk is to be closed."""
        chunk, config = self.open_chunk, self._config
        return chunk.records >= config.chunk_max_records or chunk.end - chunk.start >= config.chunk_max_bytes

    # Under the lock.

    def put(self, record: bytes, *, lazily: bool = False) -> int:
        """Puts a record at the end; returns its position. Nobody waits for one that was put lazily."""
        position, chunk = self.end, self.open_chunk
        self._runs[-1].parts.append(record)
        self.unwritten_bytes += len(record)
        self.end = chunk.end = position + len(record)
        chunk.records += 1
        if not lazily:
            self.must_sync = self.end
        return position

    def put_some(self, records: Sequence[bytes], sizes: Sequence[int]) -> list[int]:
        """Puts as many of the records as go into the open chunk, and one at least; returns their positions."""
        chunk, config = self.open_chunk, self._config
        most = max(1, config.chunk_max_records - chunk.records)
        ends = list(accumulate(sizes[:most], initial=self.end))
        count = min(len(ends) - 1, bisect_left(ends, chunk.start + config.chunk_max_bytes, 1))
        self._runs[-1].parts += records[:count]
        self.unwritten_bytes += ends[count] - self.end
        self.end = self.must_sync = chunk.end = ends[count]
        chunk.records += count
        return ends[:count]

    def rotate(self, state: RaftLogState[Any, Any, Any], record: bytes) -> None:
        """Closes the open chunk and begins the next one with the state's record. Its file comes when it is written."""
        self.open_chunk.closing_state = state
        chunk = Chunk(self.path, self.end)
        self.chunks = (*self.chunks, chunk)
        self._runs.append(_Run(chunk))
        self.put(record, lazily=True)

    def retire(self, chunks: Sequence[Chunk]) -> None:
        """Takes the oldest chunks out; their files go when everything put so far is durable.

        That is more than the purge, where its record closed a chunk that goes as well: then the state is in the next one.
        """
        if chunks:
            self._retired += [(self.end, chunk) for chunk in chunks]
            self.chunks = self.chunks[len(chunks) :]
            self.must_sync = self.end

    # One thread at a time.

    def write(self) -> None:
        """Writes what was put: it survives the process. Raises StorageFailed."""
        with self.lock:
            runs, self._runs = self._runs, [_Run(self.open_chunk)]
            self.unwritten_bytes = 0
        for run in runs:
            if run.parts:
                data = b"".join(run.parts)
                self._file_of(run.chunk).write([data], self._written - run.chunk.start)
                self._written += len(data)

    def sync(self) -> None:
        """Makes durable what was written: it survives the machine. Raises StorageFailed."""
        self._datasync(self._writing, self._written)

    def remove_retired(self) -> int:
        """Unlinks the retired chunks whose time has come; returns how many. Raises StorageFailed."""
        with self.lock:
            ready = [chunk for position, chunk in self._retired if position <= self.synced]
            self._retired = self._retired[len(ready) :]
        for chunk in ready:
            self._disk.unlink(chunk.path)
        if ready:
            self._disk.sync_directory(self.path)
        return len(ready)

    def close(self) -> None:
        """Closes the files; who still reads from them fails."""
        for chunk in self.chunks:
            if chunk.file is not None:
                chunk.file.close()

    def _file_of(self, chunk: Chunk) -> File:
        if chunk.file is None:
            if self.synced < chunk.start:
                self._datasync(self._writing, chunk.start)
            file = self._disk.open(chunk.path, create=True)
            self._disk.sync_directory(self.path)
            chunk.file = file
            self._writing = chunk
        return chunk.file

    def _datasync(self, chunk: Chunk, end: int) -> None:
        self.syncs += 1
        datasync(self._disk, self.path, chunk.opened)
        with self.lock:
            self.synced = end
            self._on_closed_durable(min(end, self.open_chunk.start))
