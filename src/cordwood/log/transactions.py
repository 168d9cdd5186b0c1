"""Transactions in a log: the markers that end them, which ones are open, which were aborted.

| step of `append_marker`     | if the process dies or the power fails here                                        |
|-----------------------------|------------------------------------------------------------------------------------|
| checks                      | nothing was written                                                                |
| one write                   | a torn tail at most, which recovery cuts: the transaction is open, the marker comes again |
| producer, aborted rows move | the marker stands, or is lost with the page cache; recovery finds the rows with it  |

Lives here: that. Must not live here: who decides over a transaction, up to where readers may read (replica).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.batch_log import Appended, BatchLog
from cordwood.log.replay import note_control
from cordwood.records.batch import parse_header
from cordwood.records.control import Marker, build_marker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.log.aborted import AbortedTransaction
    from cordwood.log.batch_log import LogRange
    from cordwood.log.segment import Segment
    from cordwood.records.control import MarkerType


class TransactionalLog(BatchLog):
    """A log of batches that knows the transactions in it."""

    def append_marker(
        self,
        producer_id: int,
        producer_epoch: int,
        kind: MarkerType,
        coordinator_epoch: int,
        leader_epoch: int,
        *,
        transaction_version: int = 0,
    ) -> Appended:
        """Ends the transaction of a producer, if it has one open here. Waits for no sync.

        From `transaction_version` 2 on the epoch must be higher than that of the transaction (KIP-890).

        A marker that comes twice is appended twice, as in Kafka, and the second ends nothing. Raises
        InvalidProducerEpoch, TransactionCoordinatorFenced, DiskFull, StorageFailed, LogClosed, and then has written
        nothing.
        """
        marker = Marker(kind, coordinator_epoch)
        with self._lock:
            self.producers.check_marker(producer_id, producer_epoch, coordinator_epoch, transaction_version)
            now = self._clock.now_ms()
            offset = self._segments.active.tail[0]
            data = build_marker(
                marker,
                producer_id=producer_id,
                producer_epoch=producer_epoch,
                timestamp_ms=now,
                base_offset=offset,
                leader_epoch=leader_epoch,
            )
            self._write(data, len(data), offset + 1, now, now)
            row = note_control(self.producers, parse_header(data), marker, now)
            if row is not None:
                self._aborted.note(self._segments.active.base_offset, row)
            if leader_epoch > self.epochs.latest:
                self.epochs.assign(leader_epoch, offset)
        return Appended(offset, offset + 1)

    def first_undecided_offset(self) -> int | None:
        """Where the oldest open transaction begins, of what is still in the log. Any thread may ask."""
        if self.at_rest is not None:
            return None
        offset = self.producers.first_undecided
        return None if offset is None else max(offset, self.start_offset)

    def aborted_in(self, start: int, end: int) -> list[tuple[int, int]]:
        """The aborted transactions of which a part may lie in [start, end): producer ids and first offsets, in their order.

        Raises CorruptLog, StorageFailed.
        """
        rows = sorted((row.first_offset, row.producer_id) for row in self._aborted.between(start, end))
        return [(producer_id, first_offset) for first_offset, producer_id in rows]

    def aborted_within(self, offset: int, found: LogRange) -> list[tuple[int, int]]:
        """As `aborted_in`, for a range that was found for a reader at `offset`. Raises CorruptLog, StorageFailed."""
        if not self._aborted:
            return []
        segment = self._segments.holding(found.base_offset)
        # Where compaction has just replaced the segment, more than the range has is no harm.
        is_there = segment.store.file is found.file
        return self.aborted_in(offset, _offset_behind(segment, found.end) if is_there else self.end_offset)

    def aborted_of(self, bases: Iterable[int]) -> list[AbortedTransaction] | None:
        """Those whose markers are in the segments at some base offsets; None if none of these has a file."""
        wanted = set(bases)
        return self._aborted.of_segments(wanted) if self._aborted.has_any(wanted) else None

    def aborted_between(self, start: int, end: int) -> list[AbortedTransaction]:
        """The same as they are known, in the order of their markers."""
        return list(self._aborted.between(start, end))


def _offset_behind(segment: Segment, position: int) -> int:
    """The offset after the batch that ends at `position` in the store, a boundary. Raises CorruptLog."""
    next_offset, size_bytes = segment.tail
    if position >= size_bytes:
        return next_offset
    behind = segment.base_offset
    start = (segment.indexes.offsets.floor_of_value(position - 1) or (0, 0))[1]
    for _, header in segment.store.headers(start, position):
        behind = header.next_offset
    return behind
