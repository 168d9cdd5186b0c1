"""Finds records by timestamp.

Lives here: the search over segments. Must not live here: the time index itself (indexes.py).

Timestamps need not grow with offsets. A search asks each segment for its largest timestamp, the time index of the first
that reaches the wanted one for a place to begin, and looks at the headers from there on; only the batch that has the
record is decoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.records.reader import decode_batch

if TYPE_CHECKING:
    from cordwood.log.segment import Segment
    from cordwood.log.segments import Segments


class TimestampOffset(NamedTuple):
    """A record found by its timestamp."""

    timestamp_ms: int
    offset: int
    leader_epoch: int


def find_timestamp(segments: Segments, timestamp_ms: int, start_offset: int) -> TimestampOffset | None:
    """The first record at or above `start_offset` whose timestamp is at or after `timestamp_ms`."""
    for segment in segments.since(start_offset):
        if segment.indexes.latest_timestamp >= timestamp_ms:
            found = _find_in(segment, timestamp_ms, start_offset)
            if found is not None:
                return found
    return None


def find_latest(segments: Segments, start_offset: int) -> TimestampOffset | None:
    """The first record at or above `start_offset` that has the largest timestamp of all, or None if none has any."""
    first, *others = segments.since(start_offset)
    first_latest = first.indexes.latest_timestamp
    if start_offset > first.base_offset:
        first_latest = _latest_from(first, start_offset)
    latest = max([first_latest, *(segment.indexes.latest_timestamp for segment in others)])
    return find_timestamp(segments, latest, start_offset) if latest >= 0 else None


def _latest_from(segment: Segment, start_offset: int) -> int:
    """The largest timestamp of a segment of which a part was deleted: the index does not know it."""
    next_offset, size_bytes = segment.tail
    if start_offset >= next_offset:
        return -1
    position = segment.locate(start_offset).position
    first = segment.store.header_at(position)
    records = decode_batch(segment.store.file.read(first.size_bytes, position), first)
    latest = max((record.timestamp_ms for record in records if record.offset >= start_offset), default=-1)
    others = segment.store.headers(position + first.size_bytes, size_bytes)
    return max(latest, max((header.latest_timestamp for _, header in others), default=-1))


def _find_in(segment: Segment, timestamp_ms: int, start_offset: int) -> TimestampOffset | None:
    next_offset, size_bytes = segment.tail
    entry = segment.indexes.times.floor(timestamp_ms - 1)
    offset = max(entry[1] if entry else segment.base_offset, start_offset)
    if offset >= next_offset:
        return None
    position = segment.locate(offset).position
    for at, header in segment.store.headers(position, size_bytes):
        if header.latest_timestamp < timestamp_ms:
            continue
        for record in decode_batch(segment.store.file.read(header.size_bytes, at), header):
            if record.timestamp_ms >= timestamp_ms and record.offset >= start_offset:
                return TimestampOffset(record.timestamp_ms, record.offset, header.leader_epoch)
    return None
