"""Opening a log: what of its files is trusted, what is scanned, what is cut, and what is refused.

| found                                                                   | outcome                                     |
|-------------------------------------------------------------------------|---------------------------------------------|
| a segment that ends at or below the recovery point                      | trusted; its indexes are checked when used  |
| whole valid batches from the recovery point on                          | kept, and noted in the indexes              |
| a bad place with nothing valid behind it                                | a torn write: cut there                     |
| a bad place with bytes missing, whatever is behind it                   | the same: pages reach a device in any order |
| a bad place with all its bytes and a valid batch behind it, also in the next segment | CorruptLog, nothing is cut     |
| a bad place below the recovery point, or the end of the log there       | CorruptLog: it was on the device            |
| an index or snapshot that is missing, stale or damaged                  | rebuilt from the store                      |
| a `.txnidx` with rows from the recovery point on                        | they go: the scanned markers say them again |
| a `.txnidx` that is damaged, or missing though `partition.meta` names its segment | made again from the store when it is needed |
| an index without a store, a file marked as deleted or half replaced     | removed                                     |
| `sync-failed`: a sync failed since the machine started                  | the scanned stores are written once more    |
| files of a compaction that was under way                                | removed, or its swap is finished (swap.py)  |
| an empty segment that is not the first                                  | removed: a rotation was under way, or failed |
| a segment that lies wholly below the start offset                       | removed: a deletion was under way           |
| `leader-epochs` missing or damaged                                      | the log is scanned from its beginning       |
| `partition.meta` missing                                                | the log is scanned from its beginning       |
| `partition.meta` damaged                                                | CorruptLog: it knows where the log starts   |

Bytes are missing where the file ends inside a batch, or a page (4 KiB) of it ends in a sector (512 bytes) of zeros: that is
how a page reads which the power failure kept from the device, in whole or in part. Or the sector in which the bad batch
begins has nothing but zeros from there on, and its neighbours are as they were: so much of a cut was found. What follows
such a hole was never acknowledged, because a sync of a log covers all that was written before it, or was to be cut. Damage
of any other kind is not what a crash leaves.

"Bad" is a batch that `check_stored_batch` refuses, or one whose offsets do not follow those before it. Nothing is changed
on disk before the whole scan has passed; then cuts are made from the last segment to the first, and the caller syncs.

Lives here: that table. Must not live here: a running log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log import checkpoint
from cordwood.log.aborted import AbortedIndex
from cordwood.log.backend import SEGMENT_KINDS, FileKind
from cordwood.log.bounds import remove_snapshots
from cordwood.log.compaction.swap import recover_swaps
from cordwood.log.epochs import EPOCHS, EpochCache
from cordwood.log.indexes import Indexes
from cordwood.log.meta import PartitionMeta
from cordwood.log.replay import find_aborted, find_aborted_of, rebuild_producers
from cordwood.log.segment import RELATIVE_OFFSET_LIMIT, Segment
from cordwood.log.segments import Segments
from cordwood.model.errors import CorruptLog, DiskFull, InvalidBatch
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES
from cordwood.records.batch import check_stored_batch, find_batch, parse_header

if TYPE_CHECKING:
    from cordwood.env.disk import Disk
    from cordwood.log.backend import Backend
    from cordwood.log.producers import ProducerTable

EPOCHS_NAME: Final = "leader-epochs"
PAGE_BYTES: Final = 4096
SECTOR_BYTES: Final = 512
"""What file systems write to a device at once, at least."""
BASE_OFFSET_BYTES: Final = 8
LOOK_AHEAD_BYTES: Final = 1 << 20
"""How much is searched for a valid batch at once; a piece of zeros is passed over without a search."""


class Recovered(NamedTuple):
    """A log as it was found."""

    segments: Segments
    producers: ProducerTable
    aborted: AbortedIndex
    epochs: EpochCache
    meta: PartitionMeta
    scanned_bytes: int
    cut_bytes: int


class _Scan:
    """The scan of what lies beyond the recovery point, or of all."""

    def __init__(self, backend: Backend, recovery_point: int, scan_from: int, epochs: EpochCache) -> None:
        self.backend = backend
        self.recovery_point = recovery_point
        self.scan_from = scan_from
        self.epochs = epochs
        self.scanned_bytes = 0
        self.has_markers = False
        """Whether transactions end in what was scanned."""
        self.torn: Segment | None = None
        self.torn_reason = ""
        self.bytes_are_missing = False

    def segment(self, segment: Segment, interval_bytes: int, next_base_offset: int | None) -> None:
        """Notes the valid batches of one segment, up to its end or its torn tail."""
        store = segment.store
        indexes = self._usable_indexes(segment, interval_bytes)
        start = segment.indexes_from(max(self.scan_from, segment.base_offset), indexes)
        known = segment.indexes.offsets.last
        expected = known[0] if known else segment.base_offset
        segment.tail = expected, start
        # Compaction leaves gaps, but all offsets of a segment lie close together.
        limit = next_base_offset or max(expected, segment.base_offset) + RELATIVE_OFFSET_LIMIT
        view = store.file.view(start, store.size_bytes) if store.size_bytes > start else memoryview(b"")
        at = 0
        while at < len(view):
            try:
                header = check_stored_batch(view, at)
                if not expected <= header.base_offset < header.next_offset <= limit:
                    raise InvalidBatch(f"its offset {header.base_offset} does not follow {expected}")
            except InvalidBatch as error:
                self._bad_place(segment, view, start, at, expected, error)
                break
            segment.note(start + at, header.base_offset, header.next_offset, header.size_bytes, header.latest_timestamp)
            self.epochs.assign(header.leader_epoch, header.base_offset)
            self.has_markers |= header.is_control
            at += header.size_bytes
            expected = header.next_offset
            if expected > self.scan_from:
                self.scanned_bytes += header.size_bytes
        if self.torn is None and next_base_offset is not None and expected < next_base_offset:
            reason = f"it ends at offset {expected}, and the next segment begins at {next_base_offset}"
            self.tear(segment, reason, missing=True)

    def _usable_indexes(self, segment: Segment, interval_bytes: int) -> Indexes | None:
        """The indexes on disk, if the part of them below the recovery point is sound."""
        if self.scan_from <= segment.base_offset:
            return None
        indexes = Indexes.load(self.backend, segment.base_offset, interval_bytes, writable=True)
        if indexes is None:
            return None
        indexes.truncate(self.scan_from)
        if indexes.flaw(self.scan_from, segment.store.size_bytes) is not None:
            return None
        last = indexes.offsets.last
        if last is not None:
            # A time index that was cut shorter than the other does not know the latest timestamp.
            if indexes.times.last is None or indexes.times.last[1] != last[0]:
                return None
            try:
                if segment.store.header_at(last[1]).base_offset != last[0]:
                    return None
            except CorruptLog:
                return None  # The entry points between two batches, or the scan from the beginning finds what is wrong.
        return indexes

    def _bad_place(
        self, segment: Segment, view: memoryview, start: int, at: int, expected: int, error: InvalidBatch
    ) -> None:
        path, position = segment.path, start + at
        if expected < self.recovery_point:
            raise CorruptLog(path, position, f"{error.reason}, though it was on the device") from error
        # Not `expected`: if the batch before has a wrong offset, it is the right ones that seem to go back.
        following = find_following(view, at + 1, segment.base_offset)
        missing = bytes_are_missing(view, start, at, following)
        if following is not None and not missing:
            reason = f"{error.reason}, and a valid batch follows at byte {start + following}"
            raise CorruptLog(path, position, reason) from error
        self.tear(segment, error.reason, missing=missing)

    def tear(self, segment: Segment, reason: str, *, missing: bool) -> None:
        """The log ends in this segment, at what was noted of it."""
        self.torn = segment
        self.torn_reason = reason
        self.bytes_are_missing = missing


def bytes_are_missing(view: memoryview, start: int, at: int, following: int | None) -> bool:
    """Whether the bad batch at `at`, up to the next valid one, has a hole. `start` is the view's position in the file."""
    end = len(view) if following is None else following
    first_page_end = (start + at) // PAGE_BYTES * PAGE_BYTES + PAGE_BYTES - start
    for page_end in range(first_page_end, end + 1, PAGE_BYTES):
        if not any(view[max(at, page_end - SECTOR_BYTES) : page_end]):
            return True
    first_sector_end = min((start + at) // SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES - start, end)
    # A batch begins with its base offset in eight bytes, which is zero at the beginning of a store alone.
    if first_sector_end - at >= BASE_OFFSET_BYTES and not any(view[at:first_sector_end]):
        return True
    if following is not None:
        return False
    left = end - at
    last_sector = (start + end - 1) // SECTOR_BYTES * SECTOR_BYTES - start
    return (
        left < BATCH_HEADER_SIZE_BYTES
        or parse_header(view, at).size_bytes > left
        or not any(view[max(at, last_sector) : end])
    )


def find_following(view: memoryview, start: int, min_offset: int) -> int | None:
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
    recover_swaps(disk, backend)
    backend.clean(opening=True)
    with backend.listed_once():
        return _recover(disk, backend, interval_bytes, now_ms, new_start_offset)


def _recover(disk: Disk, backend: Backend, interval_bytes: int, now_ms: int, new_start_offset: int) -> Recovered:
    meta = PartitionMeta.load(disk, backend.path)
    epochs = _load_epochs(disk, backend.path)
    recovery_point = meta.recovery_point if meta is not None else 0
    scan_from = recovery_point if epochs is not None else 0
    meta = meta or PartitionMeta(start_offset=new_start_offset)
    epochs = epochs or EpochCache()
    epochs.truncate(scan_from)  # The batches from there on say it again, and better after a truncation.
    scan = _Scan(backend, recovery_point, scan_from, epochs)
    bases = _segments_to_open(backend, meta.start_offset)
    segments = [_open(scan, base, following, interval_bytes, now_ms) for base, following in _pairs(bases)]
    _check_end(backend, scan, segments, meta)
    if not segments:
        segments = [Segment.create(backend, meta.start_offset, interval_bytes, created_ms=now_ms)]
    cut_bytes = _cut(backend, scan, segments)
    if backend.is_doubted:
        _write_again(backend, [segment for segment in segments if segment.next_offset > scan_from])
    for segment in segments[:-1]:
        if segment.next_offset > scan_from:
            _seal(segment)
    # Whoever cut it last may have died before the cut was synced.
    segments[-1].store.is_littered = True
    found = Segments(tuple(segments))
    end = found.active.next_offset
    found.active.hollow_below = end  # It may have been closed and compacted before those behind it were lost or cut.
    meta = meta._replace(start_offset=min(max(meta.start_offset, segments[0].base_offset), end))
    epochs.truncate(end)
    remove_snapshots(backend, above=end)
    producers = rebuild_producers(disk, backend, found, end, now_ms)
    aborted = _recover_aborted(disk, backend, found, scan, meta)
    return Recovered(found, producers, aborted, epochs, meta, scan.scanned_bytes, cut_bytes)


def _recover_aborted(
    disk: Disk, backend: Backend, segments: Segments, scan: _Scan, meta: PartitionMeta
) -> AbortedIndex:
    """The aborted transactions: what the files say of those below where the scan began, and the markers from there on."""
    index = AbortedIndex(
        disk,
        backend,
        lambda base: find_aborted_of(disk, backend, segments, base, below=scan.scan_from),
        wanted={
            segments.holding(base).base_offset
            for base in meta.aborting
            if segments.all[0].base_offset <= base < scan.scan_from
        },
    )
    index.truncate(scan.scan_from)
    if scan.has_markers:
        end = segments.active.next_offset
        start = max(scan.scan_from, segments.all[0].base_offset)
        for base, row in find_aborted(disk, backend, segments, start, end):
            index.note(base, row)
    return index


def _check_end(backend: Backend, scan: _Scan, segments: list[Segment], meta: PartitionMeta) -> None:
    """Refuses a log that ends below its recovery point: what was on the device is gone, and no crash does that."""
    last = scan.torn or (segments[-1] if segments else None)
    end = last.next_offset if last is not None else meta.start_offset
    if end < scan.recovery_point:
        path, position = (last.path, last.size_bytes) if last is not None else (backend.path, 0)
        raise CorruptLog(path, position, f"the log ends at offset {end}, but {scan.recovery_point} was on the device")


def _seal(segment: Segment) -> None:
    try:
        segment.seal()
    except DiskFull:
        return  # Its indexes stay in memory, and are made again at the next opening.


def _pairs(bases: list[int]) -> list[tuple[int, int | None]]:
    return list(zip(bases, [*bases[1:], None], strict=False))


def _segments_to_open(backend: Backend, start_offset: int) -> list[int]:
    """The base offsets of the segments in use; removes the files of others."""
    bases = backend.list(FileKind.STORE)
    # A rotation was under way, or failed: the segment before went on to take the appends.
    bases = [*bases[:1], *(base for base in bases[1:] if not _is_empty(backend, base))]
    used = [base for base, following in _pairs(bases) if following is None or following > start_offset]
    for kind in SEGMENT_KINDS:
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
    if following is not None and following <= scan.scan_from:
        return Segment.sealed(backend, base, following, interval_bytes, created_ms=now_ms)
    segment = Segment(backend, base, interval_bytes, created_ms=now_ms)
    torn = scan.torn
    if torn is None:
        scan.segment(segment, interval_bytes, following)
    elif not scan.bytes_are_missing and _holds_batch(segment):
        reason = f"{scan.torn_reason}, and the next segment {segment.path} holds a valid batch"
        raise CorruptLog(torn.path, torn.size_bytes, reason)
    return segment


def _holds_batch(segment: Segment) -> bool:
    view = segment.store.file.view(0, segment.store.size_bytes)
    return find_following(view, 0, segment.base_offset) is not None


def _cut(backend: Backend, scan: _Scan, segments: list[Segment]) -> int:
    """Cuts the torn tail, and removes the segments behind it."""
    torn = scan.torn
    if torn is None:
        return 0
    cut_bytes = 0
    while segments[-1] is not torn:
        segment = segments.pop()
        cut_bytes += segment.store.size_bytes
        for kind in SEGMENT_KINDS:
            backend.remove(segment.base_offset, kind)
    cut_bytes += torn.store.size_bytes - torn.size_bytes
    torn.store.truncate(torn.size_bytes)
    return cut_bytes


def _write_again(backend: Backend, segments: list[Segment]) -> None:
    """Makes what was read durable although a sync of it has failed before. Raises StorageFailed."""
    for segment in segments:
        segment.store.write_again()
        segment.sync()
    backend.trust()


def _load_epochs(disk: Disk, directory: str) -> EpochCache | None:
    path = f"{directory}/{EPOCHS_NAME}"
    try:
        payload = checkpoint.load(disk, path, EPOCHS)
        return None if payload is None else EpochCache.decode(payload, path)
    except CorruptLog:
        return None  # Batches carry their epoch: the scan from the beginning finds them all again.
