"""Which records of a batch stay (Kafka's Cleaner.shouldRetainRecord and MemoryRecords.filterTo).

| the record, or the batch                                             | outcome                                         |
|----------------------------------------------------------------------|-------------------------------------------------|
| a record above the last offset in the map                            | stays: nobody knows yet what came after it      |
| a record with a newer one of its key in the map                      | goes                                            |
| the newest tombstone of its key, no delete horizon passed            | stays                                           |
| the newest tombstone of its key, the batch's delete horizon passed   | goes                                            |
| any other newest record of its key                                   | stays                                           |
| a record without a key                                               | goes: the log is compacted by key               |
| a batch of which tombstones stay, all below the map's end, no horizon | gets one: now and `delete.retention.ms`          |
| any record of a transaction that was aborted                         | goes                                            |
| a marker while a batch of its transaction is there, or goes just now | stays as it is                                  |
| a marker of whose transaction nothing was left                       | gets a horizon, and goes when that has passed   |
| a marker that brought its producer's epoch, which no batch has yet, or is the last of its run | stays as it is         |
| any other control batch                                              | stays as it is                                  |
| an emptied batch that is the last of its run, or of its producer     | stays as a header without records               |
| any other emptied batch                                              | goes                                            |

Kafka leaves such a marker as a header without records, on which clients fail (kafka-python 3.0 in read_committed).

A tombstone with a horizon is one whose older records went in the compaction that gave it the horizon, or an earlier one:
runs are swapped in the order of their offsets.

Lives here: that table. Must not live here: files.
"""

from __future__ import annotations

from itertools import compress
from operator import le
from typing import TYPE_CHECKING, Final

from cordwood.log.compaction.columns import columns, latest_delta
from cordwood.log.compaction.rewrite import Kept, emptied, rewritten
from cordwood.records.batch import HEADER_SIZE
from cordwood.records.compression import decompress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cordwood.log.compaction.columns import Columns
    from cordwood.log.compaction.offset_map import OffsetMap
    from cordwood.log.compaction.outcomes import Outcomes
    from cordwood.records.batch import BatchHeader

GONE: Final = b""


class Filter:
    """Decides over the batches of one compaction."""

    __slots__ = (
        "_breathe",
        "_horizon_ms",
        "_last_epochs",
        "_last_offsets",
        "_limit_bytes",
        "_map",
        "_now_ms",
        "_outcomes",
        "end",
        "records",
        "records_kept",
    )

    def __init__(
        self,
        offset_map: OffsetMap,
        end: int,
        *,
        now_ms: int,
        delete_retention_ms: int,
        last_offsets: Mapping[int, int],
        last_epochs: Mapping[int, int],
        outcomes: Outcomes,
        limit_bytes: int,
        breathe: Callable[[], None],
    ) -> None:
        """`last_offsets` are those of the producers' last batches, `last_epochs` of producers that have none."""
        self.end = end
        """The map knows of every record below this offset."""
        self.records = 0
        self.records_kept = 0
        self._map = offset_map
        self._now_ms = now_ms
        self._horizon_ms = now_ms + delete_retention_ms
        self._last_offsets = last_offsets
        self._last_epochs = last_epochs
        self._outcomes = outcomes
        self._limit_bytes = limit_bytes
        self._breathe = breathe

    def apply(self, header: BatchHeader, batch: memoryview, *, is_last: bool) -> bytes | memoryview:
        """What takes the place of the batch: itself, other bytes, or none (GONE). `is_last` in its run.

        Raises InvalidBatch, CompactionStopped.
        """
        self.records += header.record_count
        if header.is_control:
            return self._apply_to_control(header, batch, is_last=is_last)
        self._outcomes.passes(header)
        return self._apply_to_data(header, batch, is_last=is_last)

    def _apply_to_control(self, header: BatchHeader, batch: memoryview, *, is_last: bool) -> bytes | memoryview:
        if not header.record_count:
            return batch if self._is_needed(header, is_last=is_last) else GONE
        is_hollow = header.is_transactional and self._outcomes.is_hollow(header)
        if is_hollow and self._is_past_horizon(header) and not self._is_needed(header, is_last=is_last):
            return GONE
        self.records_kept += header.record_count
        if not is_hollow or header.has_delete_horizon or not self._is_below_end(header):
            return batch
        data = uncompressed(header, batch, self._limit_bytes)
        kept = Kept(data)
        for piece in columns(data, header):
            kept.note_times(latest_delta(piece.times))
            kept.add(piece.starts[0], piece.starts[-1], len(piece.keys))
        return rewritten(header, kept, self._horizon_ms, self._breathe)

    def _apply_to_data(self, header: BatchHeader, batch: memoryview, *, is_last: bool) -> bytes | memoryview:
        if header.base_offset >= self.end:
            self.records_kept += header.record_count
            return batch
        if not header.record_count:
            return batch if self._is_needed(header, is_last=is_last) else GONE
        if self._outcomes.is_aborted(header):
            return emptied(header) if self._is_needed(header, is_last=is_last) else GONE
        data = uncompressed(header, batch, self._limit_bytes)
        kept = Kept(data)
        has_tombstones = False
        for piece in columns(data, header):
            has_tombstones |= self._sift(header, piece, kept)
            self._breathe()
        self.records_kept += kept.count
        if not kept.count:
            return emptied(header) if self._is_needed(header, is_last=is_last) else GONE
        gets_horizon = has_tombstones and not header.has_delete_horizon and self._is_below_end(header)
        if kept.count == header.record_count and not gets_horizon:
            return batch
        return rewritten(header, kept, self._horizon_ms if gets_horizon else None, self._breathe)

    def _is_needed(self, header: BatchHeader, *, is_last: bool) -> bool:
        if is_last:
            return True
        producer_id = header.producer_id
        if header.is_control:
            return self._last_epochs.get(producer_id) == header.producer_epoch
        return producer_id >= 0 and self._last_offsets.get(producer_id) == header.last_offset

    def _is_below_end(self, header: BatchHeader) -> bool:
        return header.next_offset <= self.end

    def _sift(self, header: BatchHeader, piece: Columns, kept: Kept) -> bool:
        """Adds what stays of a piece; returns whether tombstones are among it."""
        starts = piece.starts
        offsets = piece.offsets(header.base_offset)
        stays = bytearray(map(le, self._map.newest(piece.keys, offsets), offsets))
        if piece.keyless:
            _drop_keyless(piece, offsets, stays, self.end)
        if piece.tombstones and self._is_past_horizon(header):
            for index in piece.tombstones:
                stays[index] = 0
        start = stays.find(1)
        if start >= 0:
            kept.note_times(latest_delta(list(compress(piece.times, stays))))
        while start >= 0:
            end = stays.find(0, start)
            if end < 0:
                end = len(stays)
            kept.add(starts[start], starts[end], end - start)
            start = stays.find(1, end)
        return any(stays[index] for index in piece.tombstones)

    def _is_past_horizon(self, header: BatchHeader) -> bool:
        return header.has_delete_horizon and self._is_below_end(header) and self._now_ms >= header.base_timestamp


def _drop_keyless(piece: Columns, offsets: Sequence[int], stays: bytearray, end: int) -> None:
    for index, key in enumerate(piece.keys):
        if key is None and offsets[index] < end:
            stays[index] = 0


def uncompressed(header: BatchHeader, batch: memoryview, limit_bytes: int) -> bytes:
    """The records of a batch. Raises InvalidBatch, DecompressedTooLarge."""
    return decompress(header.codec, batch[HEADER_SIZE:], limit_bytes)
