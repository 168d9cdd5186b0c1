"""Reading on: the records of a log from an offset to its end, while others append, truncate and delete.

Lives here: the loop over ranges and what a change under the reader means for it. Must not live here: finding a range
(log.py), decoding (records).

A range is read in one piece and then checked against the log once more: if the log was truncated meanwhile, the bytes
may be of before and after, and are read again; if the range was deleted, the reader is told by SegmentDeleted. What was
yielded before stays right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.model.errors import CorruptLog, InvalidBatch, LogClosed, OffsetOutOfRange, SegmentDeleted, StorageFailed
from cordwood.records.batch import batches
from cordwood.records.reader import decode_batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.log.log import Log, LogRange
    from cordwood.records.batch import BatchHeader
    from cordwood.records.record import Record

FIRST_READ_BYTES: Final = 16 * 1024
"""The first piece is small, so that one record at a random offset costs little ..."""
READ_BYTES: Final = 256 * 1024
"""... and the following ones grow up to this size, at which reading is a small part of decoding."""


def read_records(log: Log, start: int) -> Iterator[Record]:
    """The records from `start` to the end that the log has when the reader gets there.

    Raises OffsetOutOfRange, SegmentDeleted, LogClosed, CorruptLog, StorageFailed.
    """
    offset = start
    wanted_bytes = FIRST_READ_BYTES
    while True:
        truncations = log.truncations
        try:
            found = _next_range(log, start, offset, wanted_bytes)
            if found is None:
                return
            data = _read(log, found, offset)
        except CorruptLog:
            if log.truncations == truncations:
                raise
            continue  # It was cut while it was searched.
        if log.truncations != truncations:
            continue
        before = offset
        for header, batch in _batches(found, data):
            if log.truncations != truncations:
                break
            if log.start_offset > offset:
                raise SegmentDeleted(found.file.path, offset)
            if header.last_offset >= offset:
                yield from _records(found, header, batch, offset)
            offset = header.next_offset
        else:
            if offset == before:
                raise CorruptLog(found.file.path, found.start, "the store is shorter than its index says")
        wanted_bytes = min(wanted_bytes * 4, READ_BYTES)


def _next_range(log: Log, start: int, offset: int, wanted_bytes: int) -> LogRange | None:
    if log.is_closed:
        raise LogClosed(log.path)
    try:
        return log.read_range(offset, wanted_bytes)
    except OffsetOutOfRange as error:
        if offset == start:
            raise
        if offset > error.end:
            return None  # The log was truncated below what was read: there is nothing more.
        raise SegmentDeleted(log.path, offset) from error


def _read(log: Log, found: LogRange, offset: int) -> bytes:
    try:
        return found.file.read(found.end - found.start, found.start)
    except StorageFailed as error:
        if log.is_closed:
            raise LogClosed(log.path) from error
        if log.start_offset > offset:
            raise SegmentDeleted(found.file.path, offset) from error
        raise


def _batches(found: LogRange, data: bytes) -> Iterator[tuple[BatchHeader, memoryview]]:
    try:
        yield from batches(data)
    except InvalidBatch as error:
        raise CorruptLog(found.file.path, found.start, error.reason) from error


def _records(found: LogRange, header: BatchHeader, batch: memoryview, offset: int) -> list[Record]:
    """The records of a batch from `offset` on; a transaction's marker is none."""
    if header.is_control:
        return []
    try:
        records = decode_batch(batch, header)
    except InvalidBatch as error:
        reason = f"in the batch at offset {header.base_offset}: {error.reason}"
        raise CorruptLog(found.file.path, found.start, reason) from error
    if header.base_offset < offset:
        return [record for record in records if record.offset >= offset]
    return records
