"""The indexes agree with the log: every search finds what a scan from the beginning finds.

Lives here: that property. Must not live here: whether the log itself is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.log.log import Log, LogRange
    from cordwood.records.batch import BatchHeader
    from cordwood.sim.found import Found


def disagreements(log: Log, found: Found) -> Iterator[str]:
    """The searches that find another batch or record than a scan."""
    yield from _by_offset(log, found)
    yield from _by_timestamp(log, found)
    yield from _entries(log)


def _by_offset(log: Log, found: Found) -> Iterator[str]:
    for index, batch in enumerate(found.batches):
        # Nobody is served a batch alone that compaction left without records: the search goes on to the next one.
        wanted = next((other for other in found.batches[index:] if other.record_count), None)
        for offset in {max(batch.base_offset, found.start_offset), batch.last_offset}:
            place = log.read_range(offset, 1)
            if not _is_place_of(place, wanted):
                yield f"indexes: offset {offset} is looked for in {place}, it is in the batch {wanted}"


def _is_place_of(place: LogRange | None, wanted: BatchHeader | None) -> bool:
    if place is None or wanted is None:
        return place is None and wanted is None
    return place.base_offset == wanted.base_offset and place.end - place.start == wanted.size_bytes


def _by_timestamp(log: Log, found: Found) -> Iterator[str]:
    timestamps = {record.timestamp_ms for record in found.records}
    for wanted in sorted({*timestamps, *(timestamp + 1 for timestamp in timestamps)}):
        first = next((record for record in found.records if record.timestamp_ms >= wanted), None)
        place = log.find_timestamp(wanted)
        if (place.offset if place else None) != (first.offset if first else None):
            yield f"indexes: timestamp {wanted} is found at {place}, the first one is {first}"
    latest = max(found.records, key=lambda record: record.timestamp_ms, default=None)
    place = log.max_timestamp()
    if (place.offset if place else None) != (latest.offset if latest else None):
        yield f"indexes: the largest timestamp is found at {place}, it is {latest}"


def _entries(log: Log) -> Iterator[str]:
    """An entry that no search of ours meets may mislead one that comes later."""
    for segment in log.segments:
        headers = segment.store.headers(0, segment.size_bytes)
        batches = {header.base_offset: position for position, header in headers}
        offset = segment.base_offset
        while offset < segment.next_offset:
            entry = segment.indexes.offsets.floor(offset)
            if entry is not None and batches.get(entry[0]) != entry[1]:
                yield f"indexes: {segment.path} has the entry {entry}, its batches are at {batches}"
            offset += 1
