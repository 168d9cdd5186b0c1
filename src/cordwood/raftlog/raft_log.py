"""The raft log: the front door.

      log = RaftLog.open("/var/lib/node/raft", TEXTS)
      log.save_vote((1, 7))
      log.append([((1, 0), "set x"), ((1, 1), "set y")])
      log.sync()                                            # or flush(callback=...), or aio.Flushes
      list(log.read(0, 2))                                  # [((1, 0), "set x"), ((1, 1), "set y")]

Lives here: the calls. Must not live here: rules (state.py), files (wal.py), who waits (flusher.py).

Every call is safe in any thread. A call that is refused leaves the log as it was. What a call wrote is in memory until
a flush, and durable when the flush says so; after a failure of the storage no call writes any more, until the log is
opened again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.disk import LocalDisk
from cordwood.model.errors import LogClosed
from cordwood.raftlog.chunk import Chunk
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.dump import ChunkSource, dump_chunks
from cordwood.raftlog.flusher import FlushWorker
from cordwood.raftlog.reader import Reader
from cordwood.raftlog.records import Commit, PurgeUpto, RecordCodec, SaveVote, State, TruncateAfter
from cordwood.raftlog.recovery import recover, removable
from cordwood.raftlog.stat import ChunkStat, Span, Stat
from cordwood.raftlog.wal import Wal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cordwood.env.background import Background
    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk, Lock
    from cordwood.model.errors import CordwoodError, StorageFailed
    from cordwood.raftlog.codecs import RaftTypes
    from cordwood.raftlog.dump import Row
    from cordwood.raftlog.flusher import Callback, NewFlushWorker
    from cordwood.raftlog.records import RaftLogState, Record
    from cordwood.raftlog.recovery import Recovered
    from cordwood.raftlog.stat import AccessStat

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")

PUT_RECORDS: Final = 1024
"""So many entries of one call are put at once."""


class RaftLog(Generic[L, V, P, U]):
    """A write-ahead log for Raft. Made by `open`."""

    def __init__(
        self,
        disk: Disk,
        path: str,
        codec: RecordCodec[L, V, P, U],
        config: RaftLogConfig,
        recovered: Recovered[L, V, P, U],
        *,
        owned: Lock,
        background: Background | None,
        clock: Clock,
        new_flusher: NewFlushWorker,
    ) -> None:
        self._codec = codec
        self._types = codec.types
        self._config = config
        self._owned = owned
        self._contents = recovered.contents
        self._state = recovered.contents.state
        self._threads = None
        if background is None:
            background = self._threads = Threads(pool_size=1)
        self._wal = _begin(disk, path, codec, config, recovered)
        self._lock = self._wal.lock
        self._contents.cache.allow_below(self._wal.open_chunk.start)
        self._closed = False
        self._reader = Reader(codec, self._contents, self._wal)
        self.flusher = new_flusher(self._wal, background, clock, config)
        """The worker; a simulation without threads gives it its turns."""
        self.warnings = recovered.warnings
        """What opening found that should not be there."""
        self.cut_bytes = recovered.cut_bytes
        """How much of a torn tail opening cut."""

    @classmethod
    def open(
        cls,
        path: str,
        types: RaftTypes[L, V, P, U],
        config: RaftLogConfig | None = None,
        *,
        disk: Disk | None = None,
        background: Background | None = None,
        clock: Clock | None = None,
        new_flusher: NewFlushWorker = FlushWorker,
    ) -> RaftLog[L, V, P, U]:
        """Opens the log in a directory, which is made if it is missing, and cuts a torn tail.

        Raises DirectoryLocked, CorruptLog, ChunkHole, StorageFailed.
        """
        disk = LocalDisk() if disk is None else disk
        config = RaftLogConfig() if config is None else config
        disk.make_directory(path)
        owned = disk.lock(path)
        try:
            codec = RecordCodec(types)
            recovered = recover(disk, path, codec, config)
        except BaseException:
            owned.release()
            raise
        clock = SystemClock() if clock is None else clock
        return cls(
            disk,
            path,
            codec,
            config,
            recovered,
            owned=owned,
            background=background,
            clock=clock,
            new_flusher=new_flusher,
        )

    def close(self) -> None:
        """Writes and syncs what was put, serves who waits, and gives the directory up. Closing twice is harmless.

        Raises StorageFailed, now or before, when not everything is durable; the log is closed all the same.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
        try:
            self.flusher.close(self._wal.must_sync)
        finally:
            self._wal.close()
            if self._threads is not None:
                self._threads.close()
            self._owned.release()

    # Writing.

    def save_vote(self, vote: V) -> Span:
        """Saves a vote. Raises VoteReversal."""

        def decide() -> SaveVote[V]:
            self._state.check_vote(vote)
            return SaveVote(vote)

        return self._write(decide)

    def append(self, entries: Iterable[tuple[L, P]]) -> Span:
        """Appends entries, all or none. Raises LogIdReversal, LogIdNonConsecutive."""
        encode, wal, contents = self._codec.encode_append, self._wal, self._contents
        new = list(entries)
        records = [encode(log_id, payload) for log_id, payload in new]
        sizes = list(map(len, records))
        with self._lock:
            self._check_writable()
            indexes = self._state.check_append([log_id for log_id, _ in new])
            start = end = wal.end
            at = 0
            while at < len(new):
                window = slice(at, at + PUT_RECORDS)
                positions = wal.put_some(records[window], sizes[window])
                stop, end = at + len(positions), wal.end
                contents.append(indexes[at:stop], new[at:stop], positions, sizes[at:stop])
                at = stop
                if wal.is_full:
                    self._rotate()
        self._relieve()
        return Span(start, end)

    def truncate(self, index: int) -> Span:
        """Cuts the entries at and above `index`. Raises LogIndexNotFound, TruncateCommitted."""

        def decide() -> TruncateAfter[L]:
            if not self._config.truncates_committed:
                self._state.check_truncate(index)
            purged = self._state.purged
            return TruncateAfter(
                purged if index == self._state.next_index(purged) else self._reader.log_id_at(index - 1)
            )

        return self._write(decide)

    def purge(self, upto: L) -> Span:
        """Drops the entries up to and including `upto`, which may lie beyond the last one; nothing if they are gone.

        Chunks that are wholly below go when a flush has made this durable.
        """

        def decide() -> PurgeUpto[L] | None:
            is_gone = self._types.index_of(upto) < self._state.next_index(self._state.purged)
            return None if is_gone else PurgeUpto(upto)

        return self._write(decide)

    def commit(self, log_id: L) -> Span:
        """Notes that everything up to `log_id` is committed. Raises LogIdReversal, CommitBeyondLast.

        Nothing waits for it: a flush after nothing but commits is done without a sync.
        """

        def decide() -> Commit[L]:
            self._state.check_commit(log_id)
            return Commit(log_id)

        return self._write(decide)

    def update_state(self, state: RaftLogState[L, V, U]) -> Span:
        """Replaces the whole state. Entries above its `last`, or not above its `purged`, are gone."""
        return self._write(lambda: State(state))

    def save_user_data(self, user_data: U | None) -> Span:
        """Saves what the user of the log wants to find again."""
        return self._write(lambda: State(replace(self._state.snapshot(), user_data=user_data)))

    def _write(self, decide: Callable[[], Record[V, L, P, U] | None]) -> Span:
        """Writes the record that a call comes to, judged under the lock."""
        with self._lock:
            self._check_writable()
            record = decide()
            start = self._wal.end
            size = 0 if record is None else self._put(record)
        self._relieve()
        return Span(start, start + size)

    def _put(self, record: Record[V, L, P, U]) -> int:
        data = self._codec.encode(record)
        self._contents.apply(record, self._wal.put(data, lazily=isinstance(record, Commit)), len(data))
        if self._wal.is_full:
            self._rotate()
        if isinstance(record, PurgeUpto):
            self._wal.retire(removable(self._contents, self._wal.chunks[:-1]))
        return len(data)

    def _rotate(self) -> None:
        state = self._state.snapshot()
        self._wal.rotate(state, self._codec.encode(State(state)))

    def _relieve(self) -> None:
        """Bounds what waits in memory to be written."""
        if self._wal.unwritten_bytes > self._config.unwritten_max_bytes:
            self.flusher.wait(0)

    def _check_writable(self) -> None:
        if self._closed:
            raise LogClosed(self._wal.path)
        if self._wal.failure is not None:
            raise self._wal.failure

    # Durability.

    @property
    def failure(self) -> StorageFailed | None:
        """The failure that ended the writing, if any."""
        return self._wal.failure

    def flush(self, *, sync: bool = True, callback: Callback | None = None) -> None:
        """Has the worker write everything so far, and sync it if `sync`; returns at once.

        `callback` gets None when that is done, or the error, in the order of the flushes; it runs in the worker's thread
        and must be short. Raises LogClosed, and the failure that came before.
        """
        with self._lock:
            self._check_writable()
            target = self._wal.must_sync if sync else 0
        self.flusher.notify(target, callback or _nobody)

    def sync(self) -> None:
        """Returns when everything so far is durable. Raises StorageFailed, LogClosed."""
        with self._lock:
            self._check_writable()
            target = self._wal.must_sync
        self.flusher.wait(target)

    # Reading.

    def read(self, start: int, end: int) -> Iterator[tuple[L, P]]:
        """The entries with indexes in [start, end), as they are at this call. Gaps are passed over.

        What is not in memory is read from its chunk when its turn comes. Raises CorruptLog, StorageFailed.
        """
        with self._lock:
            self._check_open()
            return self._reader.read(start, end)

    def log_id(self, index: int) -> L:
        """The log id of an entry. Raises LogIndexNotFound."""
        with self._lock:
            self._check_open()
            return self._reader.log_id_at(index)

    def log_state(self) -> RaftLogState[L, V, U]:
        """Vote, last, committed, purged and user data, durable or not."""
        with self._lock:
            return self._state.snapshot()

    def on_disk_size(self) -> int:
        """Bytes from the beginning of the oldest chunk to the end of the open one."""
        with self._lock:
            return self._wal.end - self._wal.chunks[0].start

    def access_stat(self) -> AccessStat:
        """How often reads found entries in memory."""
        with self._lock:
            return self._reader.access

    def stat(self) -> Stat:
        """What there is to know of this moment."""
        wal, cache = self._wal, self._contents.cache
        with self._lock:
            return Stat(
                closed_chunks=tuple(map(ChunkStat.of_closed, wal.chunks[:-1])),
                open_chunk=ChunkStat.of(wal.open_chunk, self._state.snapshot()),
                entries=len(self._contents.entries),
                synced=wal.synced,
                unwritten_bytes=wal.unwritten_bytes,
                syncs=wal.syncs,
                cache_items=len(cache),
                cache_max_items=cache.max_items,
                cache_bytes=cache.size_bytes,
                cache_capacity_bytes=cache.capacity_bytes,
                cache_boundary=cache.boundary,
                cache_hits=self._reader.access.hits,
                cache_misses=self._reader.access.misses,
            )

    def dump(self) -> Iterator[Row]:
        """Every record of every chunk; what was put is written first. Raises StorageFailed."""
        self.flusher.wait(0)
        with self._lock:
            self._check_open()
            sources = [
                ChunkSource(chunk.start, chunk.path, chunk.opened, chunk.size_bytes) for chunk in self._wal.chunks
            ]
        return dump_chunks(self._codec, sources)

    def _check_open(self) -> None:
        if self._closed:
            raise LogClosed(self._wal.path)


def _begin(
    disk: Disk, path: str, codec: RecordCodec[L, V, P, U], config: RaftLogConfig, recovered: Recovered[L, V, P, U]
) -> Wal:
    """The last chunk goes on if it is healthy; if it was cut, or there is none, a new one begins."""
    chunks, contents = recovered.chunks, recovered.contents
    begins_again = bool(chunks) and not chunks[-1].records
    if begins_again:
        chunks.pop()
    is_new = begins_again or recovered.cut_bytes > 0 or not chunks
    if is_new:
        chunks.append(Chunk(path, chunks[-1].end if chunks else 0))
    chunks[-1].closing_state = None
    wal = Wal(disk, path, config, chunks, contents.cache.allow_below)
    if is_new:
        wal.put(codec.encode(State(contents.state.snapshot())), lazily=True)
    return wal


def _nobody(error: CordwoodError | None) -> None:
    """Hears of a flush that nobody wants to hear of; a failure stays with the log."""
