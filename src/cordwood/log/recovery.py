"""Opening a log: what of its files is trusted, what is scanned, what is cut, and what is refused.

| found                                                                   | outcome                                     |
|-------------------------------------------------------------------------|---------------------------------------------|
| a segment that ends at or below the recovery point                      | trusted; its indexes are checked when used  |
| whole valid batches from the recovery point on                          | kept, and noted in the indexes              |
| a bad place, nothing valid behind it, at or above the recovery point    | a torn write: cut there                     |
| zeros up to the end of the file                                         | the same                                    |
| a bad place and a whole valid batch behind it, in this file or the next | CorruptLog, nothing is cut                  |
| a bad place below the recovery point                                    | CorruptLog: it was on the device            |
| an index or snapshot that is missing, stale or damaged                  | rebuilt from the store                      |
| an index without a store, a file marked as deleted or half replaced     | removed                                     |
| an empty last segment                                                   | removed: a rotation was under way           |
| a segment that lies wholly below the start offset                       | removed: a deletion was under way           |
| `leader-epochs` missing or damaged                                      | the log is scanned from its beginning       |
| `partition.meta` missing                                                | the log is scanned from its beginning       |
| `partition.meta` damaged                                                | CorruptLog: it knows where the log starts   |

"Bad" is a batch that `check_stored_batch` refuses, or one whose offsets do not follow those before it. Nothing is changed
on disk before the whole scan has passed; then cuts are made from the last segment to the first, and the caller syncs.

Lives here: that table. Must not live here: a running log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log import checkpoint
from cordwood.log.backend import FileKind
from cordwood.log.epochs import EPOCHS, EpochCache
from cordwood.log.indexes import Indexes
from cordwood.log.meta import PartitionMeta
from cordwood.log.producers import SNAPSHOT, ProducerTable
from cordwood.log.segment import Segment
from cordwood.log.segments import Segments
from cordwood.model.errors import CorruptLog, InvalidBatch
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES
from cordwood.records.batch import check_stored_batch, find_batch

if TYPE_CHECKING:
    from cordwood.env.disk import Disk
    from cordwood.log.backend import Backend

EPOCHS_NAME: Final = "leader-epochs"
LOOK_AHEAD_BYTES: Final = 1 << 20
"""How much is searched for a valid batch at once; a piece of zeros is passed over without a search."""


class Recovered(NamedTuple):
    """A log as it was found."""

    segments: Segments
    producers: ProducerTable
    epochs: EpochCache
    meta: PartitionMeta
    scanned_bytes: int
    cut_bytes: int


class _Scan:
    """The scan of what lies beyond the recovery point."""

    def __init__(self, backend: Backend, recovery_point: int, epochs: EpochCache) -> None:
        self.backend = backend
        self.recovery_point = recovery_point
        self.epochs = epochs
        self.scanned_bytes = 0
        self.torn: Segment | None = None
        self.torn_reason = ""

    def segment(self, segment: Segment, interval_bytes: int, next_base_offset: int | None) -> None:
        """Notes the valid batches of one segment, up to its end or its torn tail."""
        store = segment.store
        indexes = self._usable_indexes(segment, interval_bytes)
        start = segment.indexes_from(max(self.recovery_point, segment.base_offset), indexes)
        known = segment.indexes.offsets.last
        expected = known[0] if known else segment.base_offset
        segment.tail = expected, start
        view = store.file.view(start, store.size_bytes) if store.size_bytes > start else memoryview(b"")
        at = 0
        while at < len(view):
            try:
                header = check_stored_batch(view, at)
                if header.base_offset < expected or (next_base_offset or header.next_offset) < header.next_offset:
                    raise InvalidBatch(f"its offset {header.base_offset} does not follow {expected}")
            except InvalidBatch as error:
                self._bad_place(segment, view, start, at, expected, error)
                break
            segment.note(start + at, header.base_offset, header.next_offset, header.size_bytes, header.latest_timestamp)
            self.epochs.assign(header.leader_epoch, header.base_offset)
            at += header.size_bytes
            expected = header.next_offset
        self.scanned_bytes += len(view)
        if self.torn is None and next_base_offset is not None and expected < next_base_offset:
            self.torn = segment
            self.torn_reason = f"it ends at offset {expected}, and the next segment begins at {next_base_offset}"
        if expected < self.recovery_point and next_base_offset is None and self.torn is None:
            reason = f"it ends at offset {expected}, but {self.recovery_point} was on the device"
            raise CorruptLog(store.path, store.size_bytes, reason)

    def _usable_indexes(self, segment: Segment, interval_bytes: int) -> Indexes | None:
        """The indexes on disk, if the part of them below the recovery point is sound."""
        if self.recovery_point <= segment.base_offset:
            return None
        indexes = Indexes.load(self.backend, segment.base_offset, interval_bytes, writable=True)
        if indexes is None:
            return None
        indexes.truncate(self.recovery_point)
        sound = indexes.flaw(self.recovery_point, segment.store.size_bytes) is None
        last = indexes.offsets.last
        if sound and last is not None:
            sound = segment.store.header_at(last[1]).base_offset == last[0]
        return indexes if sound else None

    def _bad_place(
        self, segment: Segment, view: memoryview, start: int, at: int, expected: int, error: InvalidBatch
    ) -> None:
        path, position = segment.path, start + at
        if expected < self.recovery_point:
            raise CorruptLog(path, position, f"{error.reason}, though it was on the device") from error
        following = _find_following(view, at + 1, expected)
        if following is not None:
            reason = f"{error.reason}, and a valid batch follows at byte {start + following}"
            raise CorruptLog(path, position, reason) from error
        self.torn = segment
        self.torn_reason = error.reason


def _find_following(view: memoryview, start: int, min_offset: int) -> int | None:
    """The position of a valid batch at or behind `start`, or None."""
    for piece in range(start, len(view), LOOK_AHEAD_BYTES):
        end = min(piece + LOOK_AHEAD_BYTES, len(view))
        data = bytes(view[piece : end + BATCH_HEADER_SIZE_BYTES])
        if data.count(0) == len(data):
            continue  # A header has its magic in it, so none begins here.
        found = find_batch(view, piece, end, min_offset=min_offset)
        if found is not None:
            return found
    return None


def recover(disk: Disk, backend: Backend, interval_bytes: int, now_ms: int, *, new_start_offset: int = 0) -> Recovered:
    """Finds out what the directory holds and cuts what was torn. An empty directory becomes an empty log.

    Raises CorruptLog, StorageFailed.
    """
    backend.clean(opening=True)
    meta = PartitionMeta.load(disk, backend.path)
    epochs = _load_epochs(disk, backend.path)
    recovery_point = meta.recovery_point if meta is not None and epochs is not None else 0
    meta = meta or PartitionMeta(start_offset=new_start_offset)
    epochs = epochs or EpochCache()
    scan = _Scan(backend, recovery_point, epochs)
    bases = _segments_to_open(backend, meta.start_offset)
    segments = [_open(scan, base, following, interval_bytes, now_ms) for base, following in _pairs(bases)]
    if not segments:
        if meta.start_offset < recovery_point:
            raise CorruptLog(backend.path, 0, f"its segments are gone, but {recovery_point} was on the device")
        segments = [Segment.create(backend, meta.start_offset, interval_bytes, created_ms=now_ms)]
    cut_bytes = _cut(backend, scan, segments)
    for segment in segments[:-1]:
        if segment.next_offset > recovery_point:
            segment.seal()
    found = Segments(tuple(segments))
    end = found.active.next_offset
    meta = meta._replace(start_offset=min(max(meta.start_offset, segments[0].base_offset), end))
    epochs.truncate(end)
    producers = rebuild_producers(disk, backend, found, end)
    return Recovered(found, producers, epochs, meta, scan.scanned_bytes, cut_bytes)


def _pairs(bases: list[int]) -> list[tuple[int, int | None]]:
    return list(zip(bases, [*bases[1:], None], strict=False))


def _segments_to_open(backend: Backend, start_offset: int) -> list[int]:
    """The base offsets of the segments in use; removes the files of others."""
    bases = backend.list(FileKind.STORE)
    while len(bases) > 1 and _is_empty(backend, bases[-1]):
        bases.pop()  # A rotation was under way, or nothing followed it: the segment before takes the appends again.
    used = [base for base, following in _pairs(bases) if following is None or following > start_offset]
    for kind in (FileKind.STORE, FileKind.INDEX, FileKind.TIME_INDEX):
        for offset in backend.list(kind):
            if offset not in used:
                backend.remove(offset, kind)
    return used


def _is_empty(backend: Backend, base_offset: int) -> bool:
    file = backend.open(base_offset, FileKind.STORE)
    try:
        return not file.size()
    finally:
        file.close()


def _open(scan: _Scan, base: int, following: int | None, interval_bytes: int, now_ms: int) -> Segment:
    backend = scan.backend
    if following is not None and following <= scan.recovery_point:
        return Segment.sealed(backend, base, following, interval_bytes, created_ms=now_ms)
    segment = Segment(backend, base, interval_bytes, created_ms=now_ms)
    torn = scan.torn
    scan.segment(segment, interval_bytes, following)
    if torn is not None and segment.size_bytes:
        reason = f"{scan.torn_reason}, and the next segment {segment.path} holds valid batches"
        raise CorruptLog(torn.path, torn.size_bytes, reason)
    return segment


def _cut(backend: Backend, scan: _Scan, segments: list[Segment]) -> int:
    """Cuts the torn tail, and removes the empty segments behind it."""
    torn = scan.torn
    cut_bytes = 0
    if torn is None:
        return 0
    while segments[-1] is not torn:
        segment = segments.pop()
        for kind in (FileKind.STORE, FileKind.INDEX, FileKind.TIME_INDEX):
            backend.remove(segment.base_offset, kind)
    cut_bytes = torn.store.size_bytes - torn.size_bytes
    torn.store.truncate(torn.size_bytes)
    return cut_bytes


def _load_epochs(disk: Disk, directory: str) -> EpochCache | None:
    path = f"{directory}/{EPOCHS_NAME}"
    try:
        payload = checkpoint.load(disk, path, EPOCHS)
        return None if payload is None else EpochCache.decode(payload, path)
    except CorruptLog:
        return None  # Batches carry their epoch: the scan from the beginning finds them all again.


def rebuild_producers(disk: Disk, backend: Backend, segments: Segments, end: int) -> ProducerTable:
    """The producers as of offset `end`: the newest sound snapshot, and the batches after it."""
    table, offset = _newest_snapshot(disk, backend, end)
    start = max(offset, segments.all[0].base_offset)
    for segment in segments.since(start):
        if segment.next_offset <= start or segment.base_offset >= end:
            continue
        position = segment.locate(max(start, segment.base_offset)).position
        for _, header in segment.store.headers(position, segment.size_bytes):
            if header.base_offset >= end:
                break
            if header.producer_id >= 0 and header.base_offset >= start:
                table.note(header, header.base_offset, header.latest_timestamp)
    return table


def _newest_snapshot(disk: Disk, backend: Backend, end: int) -> tuple[ProducerTable, int]:
    for offset in reversed(backend.list(FileKind.SNAPSHOT)):
        if offset > end:
            continue
        path = backend.path_of(offset, FileKind.SNAPSHOT)
        try:
            payload = checkpoint.load(disk, path, SNAPSHOT)
            if payload is not None:
                return ProducerTable.restore(payload, path)
        except CorruptLog:
            continue  # An older one does as well, with more batches to look at.
    return ProducerTable(), 0
