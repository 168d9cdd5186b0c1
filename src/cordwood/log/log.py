"""The log: an ordered sequence of records in one directory, appended at one end and read by offset.

      truncate_before ->|                                                          |<- truncate
      start_offset      |  segment   |  segment   |  segment   |  active segment   |      end_offset
      ------------------+------------+------------+------------+-------------------+---------------->

    with Log.open("data/orders") as log:
        first = log.append(b"hello")
        for record in log.read(first): ...

Lives here: records for programs, opening and closing. Must not live here: appending batches (batch_log.py), the two ends
(ends.py), reading on (reader.py), what is trusted at opening (recovery.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.disk import LocalDisk
from cordwood.log.backend import DirectoryBackend
from cordwood.log.batch_log import Appended, LogRange
from cordwood.log.config import LogConfig
from cordwood.log.ends import Retained
from cordwood.log.flusher import Flusher
from cordwood.log.meta import META_NAME
from cordwood.log.moving import MovableLog
from cordwood.log.reader import read_records
from cordwood.log.recovery import recover
from cordwood.log.timestamps import TimestampOffset
from cordwood.model.errors import DiskFull, LogClosed
from cordwood.model.ids import NO_LEADER_EPOCH, Offset
from cordwood.records.batch import Codec
from cordwood.records.builder import build_batch, build_one, build_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk, Lock
    from cordwood.log.at_rest import AtRest
    from cordwood.records.record import Record

__all__ = ["Appended", "Log", "LogRange", "Retained", "TimestampOffset"]

_DEFAULTS: Final = LogConfig()

SCAN_AGAIN_BYTES: Final = 1 << 20
"""So much is scanned in the time that a checkpoint takes, which makes and syncs five files: where opening found less, the
recovery point stays until the next checkpoint. After a kill that opens a thousand small logs in a quarter of the time."""


class Log(MovableLog):
    """A log in a directory. Open it with `Log.open`; use it from any thread."""

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
                log._settle_recovered(recovered.scanned_bytes)
        except BaseException:  # Whatever it was, the directory must not stay locked.
            if directory_lock is not None:
                directory_lock.release()
            raise
        return log

    @classmethod
    def resting(
        cls, path: str, config: LogConfig, at_rest: AtRest, *, disk: Disk, clock: Clock, flusher: Flusher
    ) -> Log:
        """A log of which so much is known, without a look at its files. Whoever says so owns the directory."""
        return cls(path, config, disk, clock, flusher, at_rest)

    def _settle_recovered(self, scanned_bytes: int) -> None:
        """What was found is made durable before anybody reads it, so that it is not lost after it was seen."""
        self.sync()
        if scanned_bytes < SCAN_AGAIN_BYTES:
            self._unsettled_bytes = scanned_bytes
            return  # The next round of checkpoints comes soon enough.
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
            if self.at_rest is None:
                for segment in self._segments.all:
                    segment.close()

    def delete(self) -> None:
        """Closes the log and removes its files and its directory. Readers that have a range may finish it.

        If the process dies meanwhile, the next opening finds what is left as a log that begins later, or an empty one.
        """
        self.abandon()
        # `partition.meta` says what must be there: were it the last to go, the log would seem damaged until then.
        for name in sorted(self._disk.list(self.path), key=lambda name: (name != META_NAME, name)):
            self._disk.unlink(f"{self.path}/{name}")
        self._disk.remove_directory(self.path)
        self._disk.sync_directory(self.path.rpartition("/")[0] or ".")

    def abandon(self) -> None:
        """Closes the log without making anything durable, because its files are about to go."""
        self._shut()
        if self.at_rest is None:
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
