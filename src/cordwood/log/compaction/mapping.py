"""Fills the offset map from the dirty part of a log (Kafka's Cleaner.buildOffsetMap).

Lives here: reading keys. Must not live here: what is done with the map.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from cordwood.log.compaction.columns import columns
from cordwood.log.compaction.filtering import uncompressed
from cordwood.log.compaction.source import stored_batches
from cordwood.model.errors import CorruptLog, InvalidBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cordwood.log.compaction.columns import Columns
    from cordwood.log.compaction.offset_map import OffsetMap
    from cordwood.log.compaction.source import StoredBatch
    from cordwood.log.compaction.tools import Tools
    from cordwood.log.segment import Segment
    from cordwood.records.batch import BatchHeader


def fill(tools: Tools, segments: Sequence[Segment], start: int, is_aborted: Callable[[BatchHeader], bool]) -> int:
    """Notes the newest offset of each key in the segments from `start` on; returns up to where the map is complete.

    That is the end of the last segment, or where the map was full. A batch that was aborted takes no part.
    Raises CorruptLog, StorageFailed, CompactionStopped.
    """
    end = start
    for segment in segments:
        position = segment.locate(max(start, segment.base_offset)).position
        stored = stored_batches(segment.store, position, segment.size_bytes, tools.config.io_buffer_bytes, tools.pace)
        for batch in stored:
            header = batch.header
            tools.progress.bytes_mapped += header.size_bytes
            counts = header.record_count and not header.is_control and not is_aborted(header)
            full_at = _note(tools, segment, batch, start) if counts else None
            if full_at is not None:
                return max(full_at, end)
            end = max(end, header.next_offset)
        end = segment.next_offset
    return end


def _note(tools: Tools, segment: Segment, batch: StoredBatch, start: int) -> int | None:
    """Notes the records of a batch. Returns the offset at which the map was full, None if it was not."""
    header = batch.header
    try:
        data = uncompressed(header, batch.view, tools.config.decompressed_limit_bytes)
        for piece in columns(data, header):
            full_at = _put(tools.offset_map, piece, header.base_offset, start)
            if full_at is not None:
                return full_at
            tools.pace.breathe()
    except InvalidBatch as error:
        raise CorruptLog(segment.path, batch.position, error.reason) from error
    return None


def _put(offset_map: OffsetMap, piece: Columns, base_offset: int, start: int) -> int | None:
    keys, offsets = piece.keys, piece.offsets(base_offset)
    if piece.keyless or offsets[0] < start:
        counts = [key is not None and offset >= start for key, offset in zip(keys, offsets, strict=True)]
        keys, offsets = list(compress(keys, counts)), list(compress(offsets, counts))
    count = offset_map.put(keys, offsets)
    return offsets[count] if count < len(keys) else None
