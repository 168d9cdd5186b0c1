"""The record of an id is made from the one before it."""

from __future__ import annotations

import pytest

from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import Event, State
from tests.txns.driver import P0, stored


def test_an_event_leads_to_the_next_record():
    before = stored(producer_id=7, previous_producer_id=6)
    after = before.after(Event.PARTITIONS_ADDED, 1_000_500, partitions=frozenset({P0}))
    assert after.state is State.ONGOING
    assert (after.updated_ms, after.partitions) == (1_000_500, {P0})
    assert (after.producer_id, after.previous_producer_id) == (7, 7)
    assert before.state is State.EMPTY


def test_the_producer_before_can_be_kept():
    before = stored(producer_id=7, previous_producer_id=6)
    assert before.after(Event.INITIALIZED, 0, previous_producer_id=6).previous_producer_id == 6


def test_time_does_not_go_back():
    assert stored(updated_ms=2_000_000).after(Event.INITIALIZED, 1_000_000).updated_ms == 2_000_000


def test_an_event_that_cannot_happen_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="Ongoing cannot see: id expired"):
        stored(state=State.ONGOING).after(Event.EXPIRED, 0)


@pytest.mark.parametrize("state", State)
def test_an_end_that_is_decided_and_not_done_is_seen(state: State):
    assert stored(state=state).is_ending == (state in (State.PREPARE_COMMIT, State.PREPARE_ABORT))


def test_epochs_are_used_up_before_the_highest():
    assert not stored(producer_epoch=32_765).is_exhausted
    assert stored(producer_epoch=32_766).is_exhausted


def test_both_records_are_stored():
    assert TransactionStored.stored
    assert TransactionRemoved.stored
