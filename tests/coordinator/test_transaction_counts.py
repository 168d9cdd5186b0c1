"""What happens to transactions is counted."""

from __future__ import annotations

from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import State


def test_each_record_counts_for_its_state():
    counts = TransactionCounts()
    for state in (State.EMPTY, State.ONGOING, State.PREPARE_COMMIT, State.PREPARE_ABORT, State.PREPARE_ABORT):
        counts.note(TransactionStored("payments", 5, 1, 60_000, 9, state))
    counts.note(TransactionRemoved("payments"))
    assert (counts.initialized, counts.committed, counts.aborted, counts.expired_ids) == (1, 1, 2, 1)
