"""What happened to transactions since the start, counted.

Lives here: plain numbers, added to as decisions are carried out. Must not live here: names of metrics (console).
"""

from __future__ import annotations

from collections import Counter

from cordwood.model.decision import Record
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import State


class TransactionCounts:
    """Counts of one broker. Written on the event loop's thread; the numbers may be read from any."""

    __slots__ = ("_by_state", "dropped_markers", "expired_ids", "marker_failures", "written_markers")

    def __init__(self) -> None:
        self._by_state: Counter[State] = Counter()
        self.expired_ids = 0
        """Transactional ids that nobody used."""
        self.written_markers = 0
        """Markers that are durable."""
        self.marker_failures = 0
        """Markers that could not be written, each attempt for itself: they are tried again."""
        self.dropped_markers = 0
        """Markers for partitions that are no more."""

    def note(self, record: Record) -> None:
        """One change."""
        if isinstance(record, TransactionStored):
            self._by_state[record.state] += 1
        elif isinstance(record, TransactionRemoved):
            self.expired_ids += 1

    @property
    def initialized(self) -> int:
        """Producers that took a transactional id."""
        return self._by_state[State.EMPTY]

    @property
    def committed(self) -> int:
        """Transactions whose commit was decided."""
        return self._by_state[State.PREPARE_COMMIT]

    @property
    def aborted(self) -> int:
        """Transactions whose abort was decided, by whomever."""
        return self._by_state[State.PREPARE_ABORT]
