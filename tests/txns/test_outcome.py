"""An end is stored before its markers are written, and once more after."""

from __future__ import annotations

import pytest

from cordwood.model.decision import Timer
from cordwood.txns.outcome import completed, decided, markers_of, successor, timeout_key
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, Driver, states_of, stored

COVERED = frozenset({P0})
PREPARED = (State.PREPARE_COMMIT, State.PREPARE_ABORT)


def prepared(**fields: object):
    return stored(**({"state": State.PREPARE_COMMIT, "partitions": COVERED, "producer_epoch": 4} | fields))


def test_markers_have_the_producer_and_kind_of_the_decision():
    markers = markers_of(prepared(client_version=2))
    assert markers is not None
    assert markers == (ID, 7, 4, True, COVERED, 2)
    assert markers_of(prepared(state=State.PREPARE_ABORT)) == (ID, 7, 4, False, COVERED, 0)


@pytest.mark.parametrize("state", [state for state in State if state not in PREPARED])
def test_nothing_is_written_for_other_states(state: State):
    assert markers_of(stored(state=state, partitions=COVERED)) is None


def test_a_transaction_is_completed_when_its_markers_are_written():
    turn = Driver().turn()
    done = completed(prepared(started_ms=5, last_producer_epoch=3), turn)
    assert (done.state, done.partitions, done.started_ms) == (State.COMPLETE_COMMIT, frozenset(), 5)
    assert (done.producer_id, done.producer_epoch, done.last_producer_epoch) == (7, 4, 3)
    assert completed(prepared(state=State.PREPARE_ABORT), turn).state is State.COMPLETE_ABORT


def test_a_producer_id_whose_epochs_are_used_up_is_replaced_at_the_end():
    full = prepared(producer_epoch=32_767, next_producer_id=8, last_producer_epoch=32_766, client_version=2)
    assert successor(full) == Producer(8, 0)
    done = completed(full, Driver().turn())
    assert (done.producer_id, done.producer_epoch, done.next_producer_id) == (8, 0, -1)
    assert (done.previous_producer_id, done.last_producer_epoch) == (7, 32_766)


def test_a_classic_transaction_never_replaces_its_producer():
    assert successor(prepared(next_producer_id=8)) == Producer(7, 4)


def test_a_transaction_without_partitions_is_over_at_once():
    result = decided(prepared(partitions=frozenset()), Driver().turn())
    assert states_of(result.records) == [State.PREPARE_COMMIT, State.COMPLETE_COMMIT]
    assert len(decided(prepared(), Driver().turn()).records) == 1


def test_a_decided_end_has_no_timeout_any_more():
    assert decided(prepared(), Driver().turn()).timers == (Timer(timeout_key(ID), None),)
