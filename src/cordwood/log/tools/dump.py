"""Dumping the files of a log, as rows: what is in them, whether it makes sense or not.

A dump goes on behind a damaged place in a store if a valid batch follows. Files that are in use are dumped as they are.

Lives here: files to rows. Must not live here: judging what the rows say together (verify.py), printing (cli).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.log import checkpoint
from cordwood.log.aborted import load_aborted
from cordwood.log.backend import FileKind
from cordwood.log.compaction.first_dirty import COMPACTION, load_first_dirty
from cordwood.log.epochs import EPOCHS, EpochCache
from cordwood.log.meta import PartitionMeta
from cordwood.log.snapshots import load_snapshot
from cordwood.log.tools.entries import entries
from cordwood.log.tools.files import Content, LogFiles, content_of, find_logs, offset_of
from cordwood.log.tools.rows import (
    AbortedRow,
    BatchRow,
    CompactionRow,
    DamageRow,
    EpochRow,
    FileRow,
    HeaderField,
    IndexEntryRow,
    MarkerRow,
    MetaRow,
    ProducedRow,
    ProducerRow,
    RecordRow,
    SnapshotRow,
    TimeIndexEntryRow,
    UnfinishedRow,
)
from cordwood.log.tools.walk import StoreWalk, look_behind
from cordwood.model.errors import CorruptLog, InvalidBatch, StorageFailed
from cordwood.model.limits import INDEX_ENTRY_SIZE_BYTES
from cordwood.records.control import parse_marker
from cordwood.records.reader import decode_batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.env.disk import Disk, File
    from cordwood.log.tools.rows import Row
    from cordwood.log.tools.walk import Placed
    from cordwood.records.batch import BatchHeader
    from cordwood.records.record import Record


class Selection(NamedTuple):
    """What to dump."""

    records: bool = False
    """Also the records in the batches."""
    start: int = 0
    """From the batch that holds this offset on, and index entries from this offset on."""
    end: int | None = None
    """Up to here: no batch and no entry that begins at this offset or above."""
    limit: int | None = None
    """At most so many batches in all, and so many entries of each index."""

    def holds(self, offset: int) -> bool:
        """Whether an entry for this offset is wanted."""
        return self.start <= offset and (self.end is None or offset < self.end)


_EVERYTHING = Selection()


def dump(disk: Disk, path: str, selection: Selection = _EVERYTHING) -> Iterator[Row]:
    """The rows of a file, of all files of a log, or of all logs in a data directory. Raises StorageFailed."""
    directories = find_logs(disk, path)
    for directory in directories:
        yield from _Dump(disk, selection).log(directory)
    if not directories:
        yield from _Dump(disk, selection).file(path)


class _Dump:
    """One dump, which counts its batches."""

    def __init__(self, disk: Disk, selection: Selection) -> None:
        self._disk = disk
        self._selection = selection
        self._batches_left = selection.limit
        self._segment: int | None = None
        self._last_segment: int | None = None
        """Where the last of the wanted batches was."""

    def log(self, directory: str) -> Iterator[Row]:
        """All files of a log that lie in the range."""
        files = LogFiles.look(self._disk, directory)
        for path in files.in_order():
            offset = offset_of(path)
            if offset is None or self._is_in_range(files, offset, path):
                yield from self._file_if_there(path)

    def _file_if_there(self, path: str) -> Iterator[Row]:
        try:
            yield from self.file(path)
        except StorageFailed:
            if self._disk.exists(path):
                raise
            return  # It was removed since the names were read.

    def _is_in_range(self, files: LogFiles, offset: int, path: str) -> bool:
        selection = self._selection
        if selection.end is not None and offset >= selection.end:
            return False
        if self._last_segment is not None and offset > self._last_segment:
            return False
        if content_of(path) is Content.SNAPSHOT:
            return offset >= selection.start
        following = next((base for base in files.stores if base > offset), None)
        return following is None or following > selection.start

    def file(self, path: str) -> Iterator[Row]:
        """One file."""
        file = self._disk.open(path)
        try:
            content = content_of(path)
            assert content is not None, f"{path} is a file of no log"
            yield FileRow(path, content, file.size())
            try:
                yield from self._rows(content, file, path)
            except CorruptLog as error:
                yield DamageRow(error.position, error.reason)
        finally:
            file.close()

    def _rows(self, content: Content, file: File, path: str) -> Iterator[Row]:
        match content:
            case Content.STORE:
                yield from self._store(file, path)
            case Content.INDEX | Content.TIME_INDEX:
                yield from self._index(file, is_time_index=content is Content.TIME_INDEX)
            case Content.ABORTED:
                yield from self._aborted(path)
            case Content.SNAPSHOT:
                yield from _snapshot(self._disk, path)
            case Content.EPOCHS:
                yield from _epochs(self._disk, path)
            case Content.META:
                yield from _meta(self._disk, path)
            case Content.COMPACTION:
                checkpoint.load(self._disk, path, COMPACTION)
                yield CompactionRow(load_first_dirty(self._disk, path.rpartition("/")[0] or "."))

    # Stores.

    def _store(self, file: File, path: str) -> Iterator[Row]:
        size = file.size()
        self._segment = offset_of(path)
        start: int | None = self._first_position(file, path, size)
        while start is not None:
            walk = StoreWalk(file, start, size)
            for placed in walk:
                if self._is_over(placed.header):
                    return
                if placed.header.last_offset >= self._selection.start:
                    yield from self._batch(placed)
            start = None
            if walk.bad is not None:
                position, reason = walk.position, walk.bad.error.reason
                start = look_behind(file, position, size, offset_of(path) or 0).following
                if start is not None:
                    yield DamageRow(position, reason, start)
                else:
                    yield UnfinishedRow(position, size - position, reason)

    def _first_position(self, file: File, path: str, size: int) -> int:
        """Where to begin the walk: at the last index entry below the wanted offset, if a batch is there."""
        start = self._selection.start
        index_path = path.removesuffix(FileKind.STORE) + FileKind.INDEX
        if not start or not path.endswith(FileKind.STORE) or not self._disk.exists(index_path):
            return 0
        index = self._disk.open(index_path)
        try:
            found = 0
            for entry in entries(index, index.size()):
                if entry.key <= start and entry.value < size:
                    found = entry.value
            first = next(iter(StoreWalk(file, found, size)), None)
        finally:
            index.close()
        return found if first is not None and first.header.base_offset <= start else 0

    def _is_over(self, header: BatchHeader) -> bool:
        end = self._selection.end
        return self._batches_left == 0 or (end is not None and header.base_offset >= end)

    def _batch(self, placed: Placed) -> Iterator[Row]:
        position, header, batch = placed
        if self._batches_left is not None:
            self._batches_left -= 1
            if self._batches_left == 0:
                self._last_segment = self._segment
        yield BatchRow.of(position, header)
        if self._selection.records:
            try:
                yield from [_record(header, record) for record in decode_batch(batch, header)]
            except InvalidBatch as error:
                yield DamageRow(position, error.reason)

    # Indexes.

    def _index(self, file: File, *, is_time_index: bool) -> Iterator[Row]:
        size = file.size()
        left = self._selection.limit
        for entry in entries(file, size):
            if not self._selection.holds(entry.value if is_time_index else entry.key):
                continue
            if left is not None:
                left -= 1
                if left < 0:
                    return
            row = TimeIndexEntryRow if is_time_index else IndexEntryRow
            yield row(entry.key, entry.value)
        rest = size % INDEX_ENTRY_SIZE_BYTES
        if rest:
            yield UnfinishedRow(size - rest, rest, "an incomplete entry")

    def _aborted(self, path: str) -> Iterator[Row]:
        for row in load_aborted(self._disk, path) or ():
            if self._selection.holds(row.last_offset):
                yield AbortedRow(*row)


def _record(header: BatchHeader, record: Record) -> RecordRow | MarkerRow:
    if header.is_control:
        marker = parse_marker(record)
        kind = "other" if marker is None else marker.type.name.lower()
        epoch = -1 if marker is None else marker.coordinator_epoch
        return MarkerRow(record.offset, record.timestamp_ms, kind, epoch)
    key, key_base64 = _text(record.key)
    value, value_base64 = _text(record.value)
    headers = tuple(HeaderField(name, *_text(content)) for name, content in record.headers)
    return RecordRow(record.offset, record.timestamp_ms, key, key_base64, value, value_base64, headers)


def _text(data: bytes | None) -> tuple[str | None, bytes | None]:
    """The bytes as text, or as they are where they are no UTF-8."""
    if data is None:
        return None, None
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return None, data


def _snapshot(disk: Disk, path: str) -> Iterator[Row]:
    loaded = load_snapshot(disk, path)
    if loaded is None:
        return  # It was removed meanwhile.
    table, offset = loaded
    yield SnapshotRow(offset, len(table))
    for producer_id, producer in sorted(table, key=lambda pair: pair[0]):
        batches = tuple(ProducedRow(*batch) for batch in producer.batches)
        start, coordinator_epoch = producer.transaction_start, producer.coordinator_epoch
        yield ProducerRow(producer_id, producer.epoch, producer.last_timestamp_ms, batches, start, coordinator_epoch)


def _epochs(disk: Disk, path: str) -> Iterator[Row]:
    payload = checkpoint.load(disk, path, EPOCHS)
    if payload is not None:
        for entry in EpochCache.decode(payload, path).entries:
            yield EpochRow(*entry)


def _meta(disk: Disk, path: str) -> Iterator[Row]:
    meta = PartitionMeta.load(disk, path.rpartition("/")[0] or ".") or PartitionMeta()
    yield MetaRow(meta.topic_id.hex(), meta.start_offset, meta.recovery_point, meta.aborting)
