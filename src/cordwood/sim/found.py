"""What a log holds, looked at once from end to end.

Lives here: reading, by both of the log's faces. Must not live here: opinions; those are in `checkers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cordwood.records.batch import check_stored_batch
from cordwood.records.reader import decode_batch
from cordwood.sim.history import record_at

if TYPE_CHECKING:
    from cordwood.log.log import Log
    from cordwood.records.batch import BatchHeader
    from cordwood.records.record import Record


@dataclass(frozen=True, slots=True)
class Found:
    """The contents of a log."""

    start_offset: int
    end_offset: int
    batches: tuple[BatchHeader, ...]
    """As a broker serves them: the first may begin below `start_offset`."""
    records: tuple[Record, ...]
    """What is in the batches at or above `start_offset`."""
    read: tuple[Record, ...]
    """What `log.read()` gives."""


def look(log: Log) -> Found:
    """Reads everything. Raises whatever the log raises, InvalidBatch when it serves a batch that is not whole."""
    batches: list[BatchHeader] = []
    records: list[Record] = []
    offset: int = log.start_offset
    while (found := log.read_range(offset, 1 << 20)) is not None:
        view = found.file.view(found.start, found.end)
        at = 0
        while at < len(view):
            header = check_stored_batch(view, at)
            decoded = decode_batch(view[at : at + header.size_bytes], header)
            records += [record_at(record, record.offset) for record in decoded if record.offset >= log.start_offset]
            batches.append(header)
            at += header.size_bytes
            offset = header.next_offset
    return Found(log.start_offset, log.end_offset, tuple(batches), tuple(records), tuple(log.read()))
