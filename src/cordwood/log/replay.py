"""What the batches of a log say of its producers and their transactions, read once more: after a crash, a cut, a damage.

Lives here: the walk, and the snapshot it begins from. Must not live here: what is kept of it (producers.py, aborted.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.aborted import AbortedTransaction
from cordwood.log.backend import FileKind
from cordwood.log.producers import ProducerTable
from cordwood.log.snapshots import load_snapshot
from cordwood.model.errors import CorruptLog, InvalidBatch
from cordwood.records.control import Marker, MarkerType, marker_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.env.disk import Disk
    from cordwood.log.backend import Backend
    from cordwood.log.segments import Segments
    from cordwood.records.batch import BatchHeader, Buffer


def replay(
    table: ProducerTable, segments: Segments, start: int, end: int, now_ms: int
) -> Iterator[tuple[int, AbortedTransaction]]:
    """Notes the batches that begin in [start, end) in the table, and gives what they abort, each with its segment's base.

    Nobody knows when those batches came (their timestamps are the producers' own), so their producers count as heard now.
    Raises CorruptLog, StorageFailed.
    """
    for segment in segments.since(start):
        if segment.next_offset <= start or segment.base_offset >= end:
            continue
        first = segment.locate(max(start, segment.base_offset)).position
        for position, header in segment.store.headers(first, segment.size_bytes):
            if header.base_offset >= end:
                break
            if header.producer_id < 0 or header.base_offset < start:
                continue
            if not header.is_control:
                table.note(header, header.base_offset, now_ms)
                continue
            marker = marker_at(segment.store.file.read(header.size_bytes, position), header)
            row = note_control(table, header, marker, now_ms)
            if row is not None:
                yield segment.base_offset, row


def note_control(
    table: ProducerTable, header: BatchHeader, marker: Marker | None, now_ms: int
) -> AbortedTransaction | None:
    """Notes a control batch in the table; returns the transaction that it aborts, if there was one."""
    begin = table.note_marker(header, marker, now_ms)
    if marker is None or begin is None or marker.type is not MarkerType.ABORT:
        return None
    undecided = table.first_undecided
    stable = header.next_offset if undecided is None else undecided
    return AbortedTransaction(header.producer_id, begin, header.base_offset, stable)


def marker_at(batch: Buffer, header: BatchHeader) -> Marker | None:
    """What a batch of a store says if it ends a transaction."""
    try:
        return marker_of(batch, header) if header.is_control else None
    except InvalidBatch:
        return None  # Its CRC is right: whoever wrote it meant something else. Verification tells what it is.


def rebuild_producers(disk: Disk, backend: Backend, segments: Segments, end: int, now_ms: int) -> ProducerTable:
    """The producers as of offset `end`: the newest sound snapshot, and the batches after it."""
    table, offset = _newest_snapshot(disk, backend, end)
    for _ in replay(table, segments, max(offset, segments.all[0].base_offset), end, now_ms):
        pass  # What it aborts is known already, or asked for by `find_aborted`.
    return table


def find_aborted(
    disk: Disk, backend: Backend, segments: Segments, start: int, end: int
) -> list[tuple[int, AbortedTransaction]]:
    """What the markers in [start, end) abort, each with its segment's base. Raises CorruptLog, StorageFailed."""
    table = rebuild_producers(disk, backend, segments, start, 0)
    return list(replay(table, segments, start, end, 0))


def find_aborted_of(
    disk: Disk, backend: Backend, segments: Segments, base: int, below: int | None = None
) -> list[AbortedTransaction]:
    """What the markers in the segment at `base` abort, those below an offset. Raises CorruptLog, StorageFailed."""
    end = segments.holding(base).next_offset
    found = find_aborted(disk, backend, segments, base, end if below is None else min(end, below))
    return [row for _, row in found]


def _newest_snapshot(disk: Disk, backend: Backend, end: int) -> tuple[ProducerTable, int]:
    for offset in reversed(backend.list(FileKind.SNAPSHOT)):
        if offset > end:
            continue
        try:
            loaded = load_snapshot(disk, backend.path_of(offset, FileKind.SNAPSHOT))
            if loaded is not None:
                return loaded
        except CorruptLog:
            continue  # An older one does as well, with more batches to look at.
    return ProducerTable(), 0
