"""The log: an ordered sequence of records in one directory, appended at one end and read by offset.

      truncate_before ->|                                                          |<- truncate
      start_offset      |  segment   |  segment   |  segment   |  active segment   |      end_offset
      ------------------+------------+------------+------------+-------------------+---------------->

    with Log.open("data/orders") as log:
        first = log.append(b"hello")
        for record in log.read(first): ...

| step of `truncate_before`                | if the process dies or the power fails here                       |
|------------------------------------------|-------------------------------------------------------------------|
| 1. `partition.meta` with the new start   | the old start, or the new one: opening removes segments below it   |
| 2. segments below are hidden, renamed    | the same                                                          |
| 3. they are unlinked in the background   | leftovers are removed at opening                                  |

| step of `truncate`                       | if the process dies or the power fails here                       |
|------------------------------------------|-------------------------------------------------------------------|
| 1. `partition.meta`: a recovery point not above the new end | nothing was truncated; more is scanned         |
| 2. readers see the new end               | nothing was truncated                                             |
| 3. segments above renamed, last first    | the log ends where one of them began                              |
| 4. the segment is cut, its indexes begun anew | the new end                                                  |
| 5. directory and store are synced        | the new end, for good                                             |

Lives here: records for programs, the two ends, opening and closing. Must not live here: appending batches (batch_log.py),
reading on (reader.py), what is trusted at opening (recovery.py).

Threads: `truncate` shows its new bounds before it cuts a file, and counts `truncations`, by which a reader knows that
bytes it has read may be of before and after. The order of locks: durability.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Self

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.disk import LocalDisk
from cordwood.log.backend import DirectoryBackend
from cordwood.log.batch_log import Appended, BatchLog, LogRange
from cordwood.log.bounds import remove_outdated_snapshots, remove_segments, remove_snapshots
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.meta import META_NAME
from cordwood.log.reader import read_records
from cordwood.log.recovery import rebuild_producers, recover
from cordwood.log.retention import SegmentFacts, is_outlived, outlived
from cordwood.log.segment import Segment
from cordwood.log.segments import Segments
from cordwood.log.timestamps import TimestampOffset
from cordwood.model.errors import DiskFull, LogClosed, OffsetOutOfRange, StorageFailed
from cordwood.model.ids import NO_LEADER_EPOCH, Offset
from cordwood.records.batch import Codec
from cordwood.records.builder import build_batch, build_one, build_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk, Lock
    from cordwood.records.record import Record

__all__ = ["Appended", "Log", "LogRange", "TimestampOffset"]

_DEFAULTS: Final = LogConfig()


class Retained(NamedTuple):
    """What a retention removed."""

    segments: int
    removed_bytes: int


def _latest_ms(segment: Segment) -> int:
    """When the newest record of a segment was made; one without timestamps is as old as its file."""
    latest = segment.indexes.latest_timestamp
    return latest if latest >= 0 else segment.created_ms


class Log(BatchLog):
    """A log in a directory. Open it with `Log.open`; use it from any thread."""

    _clean_due_ms: int | None = None
    _own_flusher: Flusher | None = None
    _directory_lock: Lock | None = None

    @classmethod
    def open(
        cls,
        path: str,
        config: LogConfig = _DEFAULTS,
        *,
        disk: Disk | None = None,
        clock: Clock | None = None,
        flusher: Flusher | None = None,
        lock: bool = True,
    ) -> Log:
        """Opens the log in the directory `path`, or begins one; recovers it if it was not closed.

        `flusher` is shared by the logs of one program; without one the log has its own. `lock` takes the ownership of
        the directory. Raises DirectoryLocked, CorruptLog, StorageFailed.
        """
        disk = disk or LocalDisk()
        clock = clock or SystemClock()
        path = path.rstrip("/") or "/"
        if not disk.exists(f"{path}/{META_NAME}"):  # Where it is, the directory is there for good.
            disk.make_directory(path)
        directory_lock = disk.lock(path) if lock else None
        try:
            backend = DirectoryBackend(disk, path)
            recovered = recover(disk, backend, config.index_interval_bytes, clock.now_ms())
            own_flusher = None
            if flusher is None:
                flusher = own_flusher = Flusher(Threads(), clock)
            log = cls(path, config, disk, clock, flusher, recovered)
            log._own_flusher = own_flusher
            log._directory_lock = directory_lock
            if recovered.scanned_bytes or recovered.cut_bytes:
                log._settle_recovered()
        except BaseException:  # Whatever it was, the directory must not stay locked.
            if directory_lock is not None:
                directory_lock.release()
            raise
        return log

    def _settle_recovered(self) -> None:
        """What was found is made durable before anybody reads it, so that it is not lost after it was seen."""
        self.sync()
        try:
            self.checkpoint()
        except DiskFull:
            return  # It is scanned again at the next opening; a full disk must not keep the log from being read.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Log {self.path} [{self.start_offset}, {self.end_offset})>"

    # Records.

    def append(
        self,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
    ) -> Offset:
        """Appends one record and returns its offset. Under `commit` it is on the device when this returns.

        Raises RecordTooLarge, DiskFull, StorageFailed, LogClosed, and then has written nothing; only when the sync
        fails, which ends the writing to this log, the record may be found again after the next opening.
        """
        with self._lock:
            now = self._clock.now_ms()
            timestamp = now if timestamp_ms is None else timestamp_ms
            offset = self._segments.active.tail[0]
            data = build_one(value, key, headers, timestamp, offset, NO_LEADER_EPOCH)
            self._write(data, len(data), offset + 1, timestamp, now)
        if self.config.flush_policy == "commit":
            self._flusher.wait(self, offset + 1)
        return Offset(offset)

    def append_many(self, values: Sequence[bytes], *, timestamp_ms: int | None = None) -> Offset:
        """Appends values as one batch, all of it or nothing; returns the offset of the first. Otherwise as `append`."""
        with self._lock:
            now = self._clock.now_ms()
            timestamp = now if timestamp_ms is None else timestamp_ms
            offset = self._segments.active.tail[0]
            data = build_values(values, timestamp, offset, NO_LEADER_EPOCH)
            self._write(data, len(data), offset + len(values), timestamp, now)
        if self.config.flush_policy == "commit":
            self._flusher.wait(self, offset + len(values))
        return Offset(offset)

    def append_records(self, records: Sequence[Record], *, codec: Codec = Codec.NONE) -> Offset:
        """Appends records, whose own offsets are not looked at, as one batch. Otherwise as `append`."""
        with self._lock:
            offset = self._segments.active.tail[0]
            data = build_batch(records, base_offset=offset, codec=codec)
            timestamp = max(record.timestamp_ms for record in records)
            self._write(data, len(data), offset + len(records), timestamp, self._clock.now_ms())
        if self.config.flush_policy == "commit":
            self._flusher.wait(self, offset + len(records))
        return Offset(offset)

    def read(self, start: int | None = None) -> Iterator[Record]:
        """The records from `start` (the beginning) to the end, which may move on meanwhile. Takes no lock.

        Raises OffsetOutOfRange, SegmentDeleted, LogClosed, CorruptLog, StorageFailed.
        """
        return read_records(self, self.start_offset if start is None else start)

    def find_offset(self, *, timestamp_ms: int) -> Offset | None:
        """The first offset whose record has this timestamp or a later one."""
        found = self.find_timestamp(timestamp_ms)
        return None if found is None else Offset(found.offset)

    # The two ends.

    def truncate(self, offset: int) -> Offset:
        """Removes the records from `offset` on, durably, and returns the new end of the log.

        Batches go whole, as in Kafka: if `offset` lies inside a batch, the records of that batch before it go too.
        Raises OffsetOutOfRange, StorageFailed, LogClosed.
        """
        with self._durability.lock, self._durability.syncing, self._lock:
            self._check_bound(offset)
            if offset < self.end_offset:
                try:
                    self._truncate(offset)
                except StorageFailed as error:
                    self._durability.fail(error)
                    raise
            return self.end_offset

    def _truncate(self, offset: int) -> None:
        kept, doomed = self._segments.split_from(offset)
        active = kept.active
        end = active.locate(offset).base_offset if offset < active.next_offset else active.next_offset
        if end < self.start_offset:
            self._restart_at(self.start_offset)
            return
        if end < self._durability.recovery_point:
            self._store_meta(recovery_point=end)
        self._durability.retreat(end)
        if end < active.next_offset:
            active.retreat(end)
        self._segments = kept
        self.truncations += 1
        remove_segments(self._backend, reversed(doomed))
        active.cut()
        self._forget_from(end)

    def _restart_at(self, offset: Offset) -> None:
        """Empties the log: its batches are all, at least in part, below `offset`, where it begins anew."""
        doomed = self._segments.all
        self._store_meta(recovery_point=min(self._durability.recovery_point, doomed[0].base_offset))
        interval_bytes = self.config.index_interval_bytes
        segment = Segment.create(self._backend, offset, interval_bytes, created_ms=self._clock.now_ms())
        self._durability.retreat(doomed[0].base_offset)
        self._segments = Segments((segment,))
        self.truncations += 1
        remove_segments(self._backend, reversed(doomed))
        self._forget_from(offset)

    def _forget_from(self, end: int) -> None:
        """What the log knew of its records from `end` on goes; then all of the truncation is made durable."""
        self._snapshots = []
        remove_snapshots(self._backend, above=end)
        self.epochs.truncate(end)
        self.producers = rebuild_producers(self._disk, self._backend, self._segments, end, self._clock.now_ms())
        self._durability.sync()
        self._clean_later()

    def _clean_later(self) -> None:
        self._clean_due_ms = self._clock.now_ms() + self.config.delete_delay_ms
        if not self.config.delete_delay_ms:
            # Should it fail, the leftovers go at the next opening.
            self._flusher.background.submit(self._backend.clean)

    def clean(self) -> None:
        """Frees the room of removed segments whose delay is over. Raises StorageFailed."""
        if self._clean_due_ms is not None and self._clock.now_ms() >= self._clean_due_ms:
            self._clean_due_ms = None
            self._backend.clean()

    def retain(self, high_watermark: int) -> Retained:
        """Removes the oldest segments that have outlived the retention and lie below `high_watermark`.

        Raises StorageFailed, LogClosed.
        """
        now = self._clock.now_ms()
        self._close_outlived(now)
        segments = self._segments
        closed = segments.all[:-1]
        facts = (SegmentFacts(one.next_offset, one.size_bytes, _latest_ms(one)) for one in closed)
        count = outlived(
            facts,
            total_bytes=self.size_bytes,
            high_watermark=high_watermark,
            retention_ms=self.config.retention_ms,
            retention_bytes=self.config.retention_bytes,
            now_ms=now,
        )
        if not count:
            return Retained(0, 0)
        self.truncate_before(max(self.start_offset, closed[count - 1].next_offset))
        return Retained(count, sum(one.size_bytes for one in closed[:count]))

    def _close_outlived(self, now_ms: int) -> None:
        """Closes an active segment that nobody writes to any more once all its records are outlived."""
        with self._lock:
            active = self._segments.active
            if self._durability.refusal is not None or not active.size_bytes:
                return
            if is_outlived(_latest_ms(active), self.config.retention_ms, now_ms):
                try:
                    self._rotate(now_ms)
                except StorageFailed as error:
                    if not isinstance(error, DiskFull):
                        self._durability.fail(error)
                    raise

    def truncate_before(self, offset: int) -> None:
        """Removes the records below `offset`, durably; their segments go when nothing above is left in them.

        Raises OffsetOutOfRange, StorageFailed, LogClosed.
        """
        with self._durability.lock:
            self._check_bound(offset)
            if offset == self.start_offset:
                return
            # The log may not end below its start after a power failure: the end must be durable first.
            self._durability.sync(offset)
            self._store_meta(start_offset=offset)
            with self._lock:
                try:
                    self.start_offset = Offset(offset)
                    doomed, self._segments = self._segments.split_below(offset)
                    self.epochs.truncate_before(offset)
                    self._remove(doomed)
                except StorageFailed as error:
                    self._durability.fail(error)
                    raise

    def _remove(self, doomed: Sequence[Segment]) -> None:
        if doomed:
            remove_segments(self._backend, doomed)
            remove_outdated_snapshots(self._backend, self._segments.all[0].base_offset)
            self._durability.names_changed()
            self._clean_later()

    def _check_bound(self, offset: int) -> None:
        if self._durability.refusal is not None:
            raise self._durability.refusal
        if not self.start_offset <= offset <= self.end_offset:
            raise OffsetOutOfRange(offset, self.start_offset, self.end_offset)

    # The end of it.

    def close(self) -> None:
        """Makes everything durable and leaves a log that opens without a scan. Closing twice is harmless.

        Raises StorageFailed when the last sync fails; the log is closed all the same.
        """
        try:
            if self._durability.refusal is None and self.has_news:
                self.checkpoint()
        finally:
            self._shut()
            for segment in self._segments.all:
                segment.close()

    def delete(self) -> None:
        """Closes the log and removes its files and its directory. Readers that have a range may finish it."""
        self.abandon()
        for name in self._disk.list(self.path):
            self._disk.unlink(f"{self.path}/{name}")
        self._disk.remove_directory(self.path)
        self._disk.sync_directory(self.path.rpartition("/")[0] or ".")

    def abandon(self) -> None:
        """Closes the log without making anything durable, because its files are about to go."""
        self._shut()
        for segment in self._segments.all:
            segment.deleted = True

    def _shut(self) -> None:
        with self._durability.lock, self._durability.syncing, self._lock:
            if self.is_closed:
                return
            self._durability.refusal = LogClosed(self.path)
        if self._own_flusher is not None:
            self._own_flusher.close()
            self._own_flusher.background.close()
        if self._directory_lock is not None:
            self._directory_lock.release()
