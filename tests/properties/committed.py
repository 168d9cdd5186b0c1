"""Transactions in a list of batches, and what a consumer of committed records reads of a log.

Lives here: the list's view, simple enough to be seen to be right, and Kafka's consumer. Must not live here: logs' insides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cordwood.log.log import Log
from cordwood.records.batch import batches
from cordwood.records.control import MarkerType, marker_of
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from cordwood.sim.history import record_at

if TYPE_CHECKING:
    from tests.properties.log_model import Batch


def read_committed(log: Log, end: int, max_bytes: int = 700) -> list[Record]:
    """What a consumer gets that reads all below `end`, the last stable offset, by the rules of Kafka's.

    With each answer it is told of aborted transactions. It leaves out the batches of a producer from the first offset of
    such a transaction on, until it passes a marker that aborts.
    """
    records: list[Record] = []
    offset: int = log.start_offset
    while (found := log.read_range(offset, max_bytes, end_offset=end)) is not None:
        waiting = log.aborted_within(offset, found)
        aborted: set[int] = set()
        for header, batch in batches(found.file.view(found.start, found.end)):
            while waiting and waiting[0][1] <= header.last_offset:
                aborted.add(waiting.pop(0)[0])
            if header.is_control:
                marker = marker_of(batch, header)
                if marker is not None and marker.type is MarkerType.ABORT:
                    aborted.discard(header.producer_id)
            elif not (header.is_transactional and header.producer_id in aborted):
                records += [record_at(one, one.offset) for one in decode_batch(batch, header) if one.offset >= offset]
            offset = header.next_offset
    return records


def outcomes(held: Iterable[Batch]) -> dict[int, MarkerType | None]:
    """How the transaction of each transactional batch ended, by its base offset; None while it is open."""
    found: dict[int, MarkerType | None] = {}
    begun: dict[int, list[int]] = {}
    for batch in held:
        if batch.producer is None:
            continue
        if batch.marker is not None:
            for base_offset in begun.pop(batch.producer[0], []):
                found[base_offset] = batch.marker
        elif batch.is_transactional:
            found[batch.base_offset] = None
            begun.setdefault(batch.producer[0], []).append(batch.base_offset)
    return found


def first_open(held: Iterable[Batch]) -> int | None:
    """Where the oldest transaction begins that has not ended."""
    return min((base for base, end in outcomes(held).items() if end is None), default=None)


def committed(held: Sequence[Batch]) -> list[Record]:
    """The records that count: of no transaction, or of one that was committed."""
    ends = outcomes(held)
    counted = [batch for batch in held if ends.get(batch.base_offset, MarkerType.COMMIT) is MarkerType.COMMIT]
    return [record for batch in counted for record in batch.records]


def aborted_offsets(held: Sequence[Batch]) -> set[int]:
    """The offsets of the records that were aborted."""
    ends = outcomes(held)
    aborted = [batch for batch in held if ends.get(batch.base_offset) is MarkerType.ABORT]
    return {record.offset for batch in aborted for record in batch.records}
