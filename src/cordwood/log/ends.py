"""What a log loses: by truncation, the moving start, retention, replaced segments; and producers that are outlived.

| step of `truncate_before`                | if the process dies or the power fails here                       |
|------------------------------------------|-------------------------------------------------------------------|
| 0. a snapshot of producers, if none is left | nothing was removed                                             |
| 1. `partition.meta` with the new start   | the old start, or the new one: opening removes segments below it   |
| 2. segments below are hidden, renamed    | the same                                                          |
| 3. they are unlinked in the background   | leftovers are removed at opening                                  |

| step of `truncate`                       | if the process dies or the power fails here                       |
|------------------------------------------|-------------------------------------------------------------------|
| 1. `partition.meta`: a recovery point not above the new end, `compaction` likewise | nothing was truncated; more is scanned |
| 2. readers see the new end               | nothing was truncated                                             |
| 3. segments above renamed, last first    | the log ends where one of them began                              |
| 4. the segment is cut, its indexes begun anew | the new end; rows of its `.txnidx` beyond it are dropped     |
| 5. directory and store are synced        | the new end, for good                                             |

Lives here: that, as far as the log has to know. Must not live here: which segments retention picks (retention.py), what
takes the place of others (compaction), the files (bounds.py, backend.py).

Threads: `truncate` shows its new bounds before it cuts a file, and counts `truncations`, by which a reader knows that
bytes it has read may be of before and after. The order of locks: durability.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.log.at_rest import latest_ms
from cordwood.log.backend import FileKind
from cordwood.log.bounds import remove_outdated_snapshots, remove_segments, remove_snapshots
from cordwood.log.compaction.first_dirty import retreat_first_dirty, store_first_dirty
from cordwood.log.compaction.swap import Run, swap
from cordwood.log.replay import rebuild_producers
from cordwood.log.retention import SegmentFacts, is_outlived, outlived
from cordwood.log.segment import Segment
from cordwood.log.segments import Segments
from cordwood.log.transactions import TransactionalLog
from cordwood.model.errors import DiskFull, OffsetOutOfRange, StorageFailed
from cordwood.model.ids import Offset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.log.aborted import AbortedTransaction


class Retained(NamedTuple):
    """What a retention removed."""

    segments: int
    removed_bytes: int


class BoundedLog(TransactionalLog):
    """A log of batches whose ends can be moved."""

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
        end = active.boundary(offset).base_offset if offset < active.next_offset else active.next_offset
        if end < self.start_offset:
            self._restart_at(self.start_offset)
            return
        retreat_first_dirty(self._disk, self.path, end)
        if end < self._durability.recovery_point:
            self._store_meta(self._meta.cut_at(end))
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
        retreat_first_dirty(self._disk, self.path, doomed[0].base_offset)
        self._store_meta(self._meta.cut_at(doomed[0].base_offset))
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
        self._aborted.truncate_before(self._segments.all[0].base_offset)
        self._aborted.truncate(end)
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

    def forget_producers(self) -> None:
        """Those who have been silent for longer than producers are remembered are known no more."""
        with self._lock:
            if self.at_rest is not None:
                return  # They are looked at when it wakes.
            self.producers.expire(self._clock.now_ms(), self.config.producer_expiry_ms)

    def retain(self, high_watermark: int) -> Retained:
        """Removes the oldest segments that have outlived the retention and lie below `high_watermark`.

        Raises StorageFailed, LogClosed.
        """
        now = self._clock.now_ms()
        if self.at_rest is not None and not self.at_rest.has_outlived(self.config, now):
            return Retained(0, 0)
        self._close_outlived(now)
        segments = self._segments
        closed = segments.all[:-1]
        facts = (SegmentFacts(one.next_offset, one.size_bytes, latest_ms(one)) for one in closed)
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
            if not is_outlived(latest_ms(active), self.config.retention_ms, now_ms):
                return
            try:
                self._rotate(now_ms)
            except DiskFull:
                raise  # There may be room again at the next round.
            except StorageFailed as error:
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
            self._keep_producers(offset)
            self._store_meta(self._meta._replace(start_offset=offset))
            with self._lock:
                try:
                    self.start_offset = Offset(offset)
                    doomed, self._segments = self._segments.split_below(offset)
                    self.epochs.truncate_before(offset)
                    self._aborted.truncate_before(self._segments.all[0].base_offset)
                    self._remove(doomed)
                except StorageFailed as error:
                    self._durability.fail(error)
                    raise

    def _keep_producers(self, offset: int) -> None:
        """What the batches below `offset` say of their producers must stand in a snapshot before they go."""
        doomed, kept = self._segments.split_below(offset)
        base = kept.all[0].base_offset
        if doomed and not any(at >= base for at in self._backend.list(FileKind.SNAPSHOT)):
            self.checkpoint()

    def _remove(self, doomed: Sequence[Segment]) -> None:
        if doomed:
            remove_segments(self._backend, doomed)
            remove_outdated_snapshots(self._backend, self._segments.all[0].base_offset)
            self._durability.names_changed()
            self._clean_later()

    def exchange(
        self, run: tuple[Segment, ...], *, truncations: int, aborted: Sequence[AbortedTransaction] = ()
    ) -> Segment | None:
        """Puts the segment whose files compaction has cleaned in the place of a run of closed ones, durably.

        `aborted` is what its file says of aborted transactions.

        Returns it, or None if the log was cut since it counted so many `truncations`, or the run is no longer there.
        Readers who are in the run may finish. Raises StorageFailed, LogClosed.
        """
        with self._durability.lock:
            if self._durability.refusal is not None:
                raise self._durability.refusal
            if truncations != self.truncations or self._segments.with_replaced(run, run[0]) is None:
                return None
            place = Run(run[0].base_offset, run[-1].next_offset)
            try:
                for segment in run:
                    segment.retire()
                swap(self._disk, self._backend, place, [segment.base_offset for segment in run])
                interval_bytes, created_ms = self.config.index_interval_bytes, run[-1].created_ms
                segment = Segment.sealed(self._backend, *place, interval_bytes, created_ms=created_ms)
            except StorageFailed as error:
                self._durability.fail(error)
                raise
            with self._lock:
                replaced = self._segments.with_replaced(run, segment)
                assert replaced is not None, f"a run vanished under the lock: {run[0].path}"
                self._segments = replaced
                self._aborted.exchange([segment.base_offset for segment in run], place.start, aborted)
            self._clean_later()
            return segment

    def note_compacted(self, first_dirty: int, *, truncations: int) -> bool:
        """Remembers that all below `first_dirty` is compacted; False if the log was cut since. Raises StorageFailed."""
        with self._durability.lock:
            if self._durability.refusal is not None:
                raise self._durability.refusal
            if truncations != self.truncations:
                return False
            store_first_dirty(self._disk, self.path, first_dirty)
            return True

    def _check_bound(self, offset: int) -> None:
        if self._durability.refusal is not None:
            raise self._durability.refusal
        if not self.start_offset <= offset <= self.end_offset:
            raise OffsetOutOfRange(offset, self.start_offset, self.end_offset)
