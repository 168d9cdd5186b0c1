"""Reads the batches of a segment, one after the other.

Each is checked: a rewrite gives a batch a new CRC, so damage must be seen before it.

Lives here: reading and checking. Must not live here: records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.model.errors import CorruptLog, InvalidBatch
from cordwood.records.batch import HEADER_SIZE, check_stored_batch, parse_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.log.compaction.pace import Pace
    from cordwood.log.store import Store
    from cordwood.records.batch import BatchHeader


class StoredBatch(NamedTuple):
    """A batch, as it lies in a store."""

    position: int
    header: BatchHeader
    view: memoryview


def stored_batches(store: Store, start: int, end: int, buffer_bytes: int, pace: Pace) -> Iterator[StoredBatch]:
    """The batches in [start, end) of a store, which begins and ends with whole ones.

    Raises CorruptLog, StorageFailed, CompactionStopped.
    """
    position = start
    while position < end:
        data = _read(store, position, end, buffer_bytes)
        pace.moved(len(data))
        view = memoryview(data)
        at = 0
        while _is_whole(view, at):
            try:
                header = check_stored_batch(view, at)
            except InvalidBatch as error:
                raise CorruptLog(store.path, position + at, error.reason) from error
            yield StoredBatch(position + at, header, view[at : at + header.size_bytes])
            at += header.size_bytes
        if not at:
            raise CorruptLog(store.path, position, f"the batch is cut short: {len(view)} bytes of it are there")
        position += at


def _read(store: Store, position: int, end: int, buffer_bytes: int) -> bytes:
    """A piece that holds the whole batch at `position`, as far as it is there."""
    data = store.file.read(min(buffer_bytes, end - position), position)
    if _is_whole(data, 0) or len(data) < HEADER_SIZE:
        return data
    return store.file.read(min(parse_header(data).size_bytes, end - position), position)


def _is_whole(data: bytes | memoryview, at: int) -> bool:
    """Whether all of the batch at `at` is there; one of an impossible length counts as whole, and is refused later."""
    left = len(data) - at
    return left >= HEADER_SIZE and parse_header(data, at).size_bytes <= left
