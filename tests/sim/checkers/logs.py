"""Histories and findings made by hand, for the tests of the checkers."""

from __future__ import annotations

from cordwood.records.batch import BatchHeader, parse_header
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.found import Found
from cordwood.sim.history import History, Outcome


def record(offset: int, value: bytes | None = None) -> Record:
    """A record that holds its offset, if nothing else."""
    return Record(offset, 1000 + offset, None, value or b"%d" % offset)


def batch(offset: int, count: int = 1, **producer: int) -> BatchHeader:
    """The header of a batch."""
    records = [record(at) for at in range(offset, offset + count)]
    return parse_header(build_batch(records, base_offset=offset, **producer))


def history_of(count: int, outcome: Outcome = Outcome.SYNCED) -> History:
    """So many batches of one record."""
    history = History()
    for offset in range(count):
        history.append(offset, [record(offset)]).outcome = outcome
    return history


def found_of(*records: Record, start: int = 0, end: int | None = None) -> Found:
    """A log of batches of one record."""
    return Found(
        start_offset=start,
        end_offset=start + len(records) if end is None else end,
        batches=tuple(batch(each.offset) for each in records),
        records=records,
        read=records,
    )
