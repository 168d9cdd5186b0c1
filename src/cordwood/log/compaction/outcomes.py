"""How the transactions of a compacted log ended, batch by batch.

All of them have ended: nothing from the first open one on is compacted (compactor.py). So a transactional batch was
committed unless the index of aborted transactions knows better.

A marker is of use as long as a batch of its transaction is there, be it one without records: whoever reads the batches
anew must find the end of what began. A batch that goes in this compaction counts as there: whoever has just read it has
not come to the marker yet, and has all of `delete.retention.ms` for that from the next compaction on (as Kafka's
CleanedTransactionMetadata). Batches are passed in the order of their offsets, from the beginning of the log.

Lives here: that. Must not live here: records, files.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.log.aborted import AbortedTransaction
    from cordwood.records.batch import BatchHeader

_marker_offset: Final = attrgetter("last_offset")


class Outcomes:
    """The aborted transactions of a log, and of which ones a batch was passed."""

    __slots__ = ("_aborted", "_passed", "hollow")

    def __init__(self, aborted: Iterable[AbortedTransaction] = ()) -> None:
        """`aborted` in the order of their markers."""
        self._aborted: dict[int, list[AbortedTransaction]] = {}
        for row in aborted:
            self._aborted.setdefault(row.producer_id, []).append(row)
        self._passed: set[int] = set()
        """The producers of whose transaction a batch was passed."""
        self.hollow: set[int] = set()
        """The offsets of markers that end nothing any more."""

    def is_aborted(self, header: BatchHeader) -> bool:
        """Whether the records of a batch never counted."""
        rows = self._aborted.get(header.producer_id)
        if rows is None or not header.is_transactional:
            return False
        index = bisect_left(rows, header.base_offset, key=_marker_offset)
        return index < len(rows) and rows[index].first_offset <= header.base_offset

    def passes(self, header: BatchHeader) -> None:
        """A batch of data was there, with records or without, whether or not it stays."""
        if header.is_transactional:
            self._passed.add(header.producer_id)

    def is_hollow(self, header: BatchHeader) -> bool:
        """Whether nothing was there of what a marker ends. Asked once for each marker."""
        if header.producer_id in self._passed:
            self._passed.remove(header.producer_id)
            return False
        self.hollow.add(header.base_offset)
        return True
