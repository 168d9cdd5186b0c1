"""A log of batches: appended at one end, read by offset, never decoded. The face that a broker sees.

      start_offset      |  segment   |  segment   |  segment   |  active segment   |      end_offset
      ------------------+------------+------------+------------+-------------------+---------------->
                        bisect finds the segment, its index the batch                append, then rotate

| step of an append           | if the process dies here              | if the power fails here                    |
|-----------------------------|---------------------------------------|--------------------------------------------|
| checks, stamp               | nothing was written                   | nothing was written                        |
| one write                   | a torn tail at most: recovery cuts it | the same                                   |
| tail and indexes move       | the batch stands, entries are re-made | the batch may be lost: nobody was told     |
| sync (policy `commit`)      | the batch stands                      | lost or kept, nobody was told              |
| the caller is told          | the batch stands                      | the batch stands                           |

| step of a rotation            | if it fails, or the process dies here                                             |
|-------------------------------|-----------------------------------------------------------------------------------|
| rest of failed writes cut     | nothing was rotated                                                               |
| indexes written, not synced   | they are checked when used, and rebuilt                                           |
| the new store is created      | an empty last segment: opening removes it                                         |
| names changed, segment shown  | the next sync makes the directory durable, and the old store before the new       |

| step of a checkpoint                     | if the process dies or the power fails here                       |
|------------------------------------------|-------------------------------------------------------------------|
| stores, indexes synced                   | more is durable than `partition.meta` says: it is scanned again   |
| snapshots and epochs replaced            | a snapshot beyond the recovery point is as good as one at it       |
| aborted transactions replaced            | rows beyond the recovery point are found again by the scan         |
| `partition.meta` with the recovery point | the new recovery point                                            |
| old snapshots removed                    | leftovers that no opening looks at                                |

Lives here: appending, rotation, finding ranges, checkpoints. Must not live here: records and the two ends (log.py), the
search in a segment (segment.py), recovery, group commit.

Threads: appends are serialised by a lock; readers take none, they work on values that are swapped whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log import checkpoint
from cordwood.log.backend import FileKind
from cordwood.log.bounds import remove_snapshots
from cordwood.log.epochs import EPOCHS, EpochEnd
from cordwood.log.recovery import EPOCHS_NAME
from cordwood.log.resting import RestingLog
from cordwood.log.segment import Segment
from cordwood.log.snapshots import SNAPSHOT, encode_snapshot
from cordwood.log.timestamps import find_latest, find_timestamp
from cordwood.model.errors import (
    DiskFull,
    InvalidBatch,
    InvalidTimestamp,
    OffsetOutOfRange,
    RecordTooLarge,
    StorageFailed,
)
from cordwood.records.batch import LOG_APPEND_TIME, check_batch, stamp, stamp_append_time

if TYPE_CHECKING:
    from cordwood.env.disk import Buffer, File
    from cordwood.log.aborted import Changes
    from cordwood.log.config import LogConfig
    from cordwood.log.meta import PartitionMeta
    from cordwood.log.segments import Segments
    from cordwood.log.timestamps import TimestampOffset
    from cordwood.records.batch import BatchHeader


SETTLE_BYTES: Final = 64 << 20
"""A log that syncs is checkpointed in the background when so much was appended, so that a crash never means a long scan.
Under `os` nothing is synced between rotations, and all of the active segment is scanned."""


class Appended(NamedTuple):
    """Where a batch was appended. `append_time_ms` is -1 unless the log stamps the records with its own clock."""

    base_offset: int
    next_offset: int
    append_time_ms: int = -1
    duplicate: bool = False

    @property
    def last_offset(self) -> int:
        """The offset of the last record."""
        return self.next_offset - 1


class LogRange(NamedTuple):
    """Whole batches in a store: the bytes [start, end) of `file`, the first of them at `base_offset`."""

    file: File
    start: int
    end: int
    base_offset: int


class BatchLog(RestingLog):
    """A log of batches in a directory. Opened as `Log`, which adds records and the ends."""

    def reconfigure(self, config: LogConfig) -> None:
        """Takes effect with the next append."""
        with self._lock:
            self.config = config

    # Appending and reading.

    def append_batch(self, batch: memoryview, leader_epoch: int, *, is_own: bool = False) -> Appended:
        """Appends a producer's batch, which must fill the writable view, and stamps it in place. Waits for no sync.

        A batch that its producer sent before is not appended again: the answer says so and has the first offsets.
        `is_own` is a batch of the broker itself, which needs no sequence. Raises InvalidBatch, CorruptBatch,
        UnsupportedCompression, RecordTooLarge, InvalidTimestamp, OutOfOrderSequence, InvalidProducerEpoch,
        OutsideOfTransaction, DiskFull, StorageFailed, LogClosed, and then has written nothing.
        """
        size = len(batch)
        if size > self.config.max_message_bytes:
            raise RecordTooLarge(size, self.config.max_message_bytes)
        header = check_batch(batch, needs_sequence=False) if is_own else check_batch(batch)
        is_numbered = header.producer_id >= 0
        with self._lock:
            now = self._clock.now_ms()
            if is_numbered:
                if is_own:
                    self.producers.check_own(header)
                elif (earlier := self.producers.check(header)) is not None:
                    append_time = earlier.timestamp_ms if self.config.timestamp_type == "LogAppendTime" else -1
                    return Appended(earlier.base_offset, earlier.last_offset + 1, append_time, duplicate=True)
            config = self.config
            append_time = -1
            if config.timestamp_type == "LogAppendTime":
                append_time = now
                header = stamp_append_time(batch, 0, now)
            elif header.attributes & LOG_APPEND_TIME:
                raise InvalidBatch("only the log says that it stamped the records (LogAppendTime), not a producer")
            elif config.limits_timestamps:
                self._check_timestamps(header, now)
            base_offset = self._segments.active.tail[0]
            next_offset = base_offset + header.record_count
            timestamp = header.latest_timestamp
            stamp(batch, 0, base_offset, leader_epoch)
            self._write(batch, size, next_offset, timestamp, now)
            if is_numbered:
                self.producers.note(header, base_offset, now)
            if leader_epoch > self.epochs.latest:
                self.epochs.assign(leader_epoch, base_offset)
        # Made in half the time of a call of the class: bench/embedded_log.py.
        return tuple.__new__(Appended, (base_offset, next_offset, append_time, False))

    def _check_timestamps(self, header: BatchHeader, now: int) -> None:
        config = self.config
        low, high = now - config.timestamp_before_max_ms, now + config.timestamp_after_max_ms
        for timestamp in (header.base_timestamp, header.latest_timestamp):
            if timestamp >= 0 and not low <= timestamp <= high:
                raise InvalidTimestamp(timestamp, low, high)

    def read_range(
        self, offset: int, max_bytes: int, *, end_offset: int | None = None, min_one: bool = True
    ) -> LogRange | None:
        """Whole batches from the one that holds `offset` on: at most `max_bytes` of one segment, nothing of `end_offset`.

        `end_offset` is the first offset of a batch, or the log's end. With `min_one` the first batch comes even when it
        is larger than `max_bytes` (KIP-74). None when there is nothing to read yet. Raises OffsetOutOfRange, CorruptLog.
        """
        segments = self._segments
        segment = segments.active
        next_offset, size_bytes = segment.tail
        if not self.start_offset <= offset <= next_offset:
            raise OffsetOutOfRange(offset, self.start_offset, next_offset)
        limit = next_offset if end_offset is None else min(end_offset, next_offset)
        if offset >= limit:
            return None
        if offset >= segment.hollow_below:
            base_offset, start = segment.locate(offset)
        else:
            filled = segments.filled_from(offset)
            if filled is None or filled[1] >= limit:
                return None
            segment, base_offset, start = filled
            next_offset, size_bytes = segment.tail
        end = size_bytes if limit >= next_offset else segment.locate(limit).position
        if end <= start:
            return None
        if end - start > max_bytes:
            end = segment.end_of_batches(start, start + max_bytes, end)
            if not min_one and end - start > max_bytes:
                return None
        return LogRange(segment.store.file, start, end, base_offset)

    def find_timestamp(self, timestamp_ms: int) -> TimestampOffset | None:
        """The first record whose timestamp is this one or a later one."""
        return find_timestamp(self._segments, timestamp_ms, self.start_offset)

    def max_timestamp(self) -> TimestampOffset | None:
        """The first record with the largest timestamp."""
        return find_latest(self._segments, self.start_offset)

    def end_offset_for_epoch(self, epoch: int) -> EpochEnd:
        """The largest known leader epoch up to `epoch` and the offset where it ends; (-1, -1) if unknown."""
        rest = self.at_rest
        if rest is not None and epoch == self._leader_epoch >= 0:
            return EpochEnd(epoch, rest.end_offset)
        return self.epochs.end_offset_for(epoch, self.end_offset)

    def assign_epoch(self, leader_epoch: int) -> None:
        """A new leader epoch begins at the end of the log; at rest, when it wakes."""
        with self._lock:
            self._leader_epoch = max(leader_epoch, self._leader_epoch)
            if self.at_rest is None:
                self.epochs.assign(leader_epoch, self.end_offset)

    def _write(self, data: Buffer, size: int, next_offset: int, timestamp: int, now: int) -> None:
        durability = self._durability
        if durability.refusal is not None:
            raise durability.refusal
        config = self.config
        if size > config.max_message_bytes:
            raise RecordTooLarge(size, config.max_message_bytes)
        segment = self._segments.active
        try:
            if segment.is_full(config, size, next_offset, timestamp, now):
                segment = self._rotate(now)
            segment.append([data], segment.tail[0], next_offset, timestamp)
        except DiskFull:
            raise  # Nothing of it was kept, and there may be room again.
        except StorageFailed as error:
            durability.fail(error)
            raise
        if config.flush_policy != "os":
            self._written(size, config)

    def _written(self, size: int, config: LogConfig) -> None:
        """Asks for what has to follow some time after a write."""
        if config.flush_policy == "interval" and not self._sync_is_due:
            self._sync_is_due = True
            self._flusher.sync_within(self, config.flush_ms)
        self._unsettled_bytes += size
        if self._unsettled_bytes >= SETTLE_BYTES:
            self._unsettled_bytes = 0
            self._flusher.settle(self)

    def _rotate(self, now: int) -> Segment:
        full = self._segments.active
        end = full.next_offset
        full.tidy()
        full.write_indexes()
        segment = Segment.create(self._backend, end, self.config.index_interval_bytes, created_ms=now)
        self._snapshots.append((end, encode_snapshot(self.producers, end)))
        self._durability.names_changed()
        self._segments = self._segments.with_active(segment)
        full.seal()
        self._flusher.settle(self)
        return segment

    def sync(self, offset: int | None = None) -> None:
        """Returns when everything below `offset`, or everything appended before the call, is on the device.

        Raises StorageFailed, and again at every later write and sync, or LogClosed.
        """
        if offset is None:
            self._sync_is_due = False
        self._durability.sync(offset)

    def checkpoint(self) -> None:
        """Syncs everything, indexes and snapshots too: the next opening trusts what is there now and scans the rest.

        Raises StorageFailed, LogClosed.
        """
        with self._durability.lock:
            if self.at_rest is not None and self._durability.refusal is None:
                return
            # The stores come first: a disk without room for the rest is no reason to lose records.
            self._durability.sync()
            with self._lock:
                self.producers.expire(self._clock.now_ms(), self.config.producer_expiry_ms)
                segments = self._segments
                end = segments.active.next_offset
                snapshots = [*self._snapshots, (end, encode_snapshot(self.producers, end))]
                epochs = self.epochs.entries
                aborted = self._aborted.changes()
                meta = self._meta._replace(recovery_point=end, aborting=self._aborted.bases_after(aborted))
                segments.active.write_indexes()
            try:
                self._settle(segments, snapshots, aborted, meta)
            except DiskFull:
                raise  # The last checkpoint stands, and there may be room again.
            except StorageFailed as error:
                self._durability.fail(error)
                raise
            with self._lock:
                self._snapshots = [snapshot for snapshot in self._snapshots if snapshot not in snapshots]
                self.epochs.stored(epochs)
                self._aborted.stored(aborted)

    def _settle(
        self, segments: Segments, snapshots: list[tuple[int, bytes]], aborted: Changes, meta: PartitionMeta
    ) -> None:
        end = meta.recovery_point
        self._durability.sync(end)
        for segment in segments.since(self._durability.recovery_point):
            segment.sync_indexes()
        for offset, payload in snapshots:
            checkpoint.replace(self._disk, self._backend.path_of(offset, FileKind.SNAPSHOT), SNAPSHOT, payload)
        self._aborted.store(aborted)
        if self.epochs.changed:
            checkpoint.replace(self._disk, f"{self.path}/{EPOCHS_NAME}", EPOCHS, self.epochs.encode())
        self._store_meta(meta)
        remove_snapshots(self._backend, below=end, keep={segment.base_offset for segment in segments.all})

    def _store_meta(self, meta: PartitionMeta) -> None:
        meta.store(self._disk, self.path)
        self._meta = meta
        self._durability.recovery_point = meta.recovery_point

    def set_topic_id(self, topic_id: bytes) -> None:
        """Remembers the topic's UUID, durably."""
        with self._durability.lock:
            self._store_meta(self._meta._replace(topic_id=topic_id))
