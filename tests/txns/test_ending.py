"""EndTxn in both protocols: what is decided, what is a retry, and what comes too late."""

from __future__ import annotations

import pytest

from cordwood.model.transaction_errors import (
    ConcurrentTransactions,
    InvalidProducerIdMapping,
    InvalidTransactionEnd,
    ProducerFenced,
)
from cordwood.txns.commands import EndTransaction, MarkersWritten
from cordwood.txns.replies import UNCHANGED, Producer
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, Driver, states_of, stored

SETTLED = (State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT)
BOTH = pytest.mark.parametrize("committed", [True, False])


def holding(state: State, **fields) -> Driver:
    """A driver with an id that producer 7 holds at epoch 4."""
    return Driver([stored(**({"state": state, "producer_epoch": 4, "partitions": frozenset({P0})} | fields))])


# The classic protocol.


@BOTH
def test_a_classic_end_keeps_the_epoch(committed: bool):
    driver = holding(State.ONGOING)
    assert driver.end(Producer(7, 4), committed=committed) == UNCHANGED
    assert driver.state is (State.PREPARE_COMMIT if committed else State.PREPARE_ABORT)
    markers = driver.shard.unfinished(ID)
    assert markers is not None
    assert (markers.producer_epoch, markers.committed) == (4, committed)
    driver.write_markers()
    assert driver.state is (State.COMPLETE_COMMIT if committed else State.COMPLETE_ABORT)
    assert driver.transaction.producer_epoch == 4


@pytest.mark.parametrize(
    ("state", "committed", "answer"),
    [
        (State.EMPTY, True, InvalidTransactionEnd),
        (State.EMPTY, False, InvalidTransactionEnd),
        (State.PREPARE_COMMIT, True, ConcurrentTransactions),
        (State.PREPARE_COMMIT, False, InvalidTransactionEnd),
        (State.PREPARE_ABORT, True, InvalidTransactionEnd),
        (State.PREPARE_ABORT, False, ConcurrentTransactions),
        (State.COMPLETE_COMMIT, True, Producer),
        (State.COMPLETE_COMMIT, False, InvalidTransactionEnd),
        (State.COMPLETE_ABORT, True, InvalidTransactionEnd),
        (State.COMPLETE_ABORT, False, Producer),
    ],
)
def test_the_classic_table(state: State, committed: bool, answer: type):
    driver = holding(state)
    assert type(driver.end(Producer(7, 4), committed=committed)) is answer
    assert driver.last.records == ()


@pytest.mark.parametrize("state", [State.ONGOING, *SETTLED])
@pytest.mark.parametrize("epoch", [3, 5])
def test_the_classic_protocol_knows_one_epoch(state: State, epoch: int):
    driver = holding(state)
    assert isinstance(driver.end(Producer(7, epoch), committed=False), ProducerFenced)
    assert isinstance(driver.end(Producer(8, 4), committed=False), InvalidProducerIdMapping)


# Version 2.


@BOTH
def test_an_end_of_version_2_counts_the_epoch_up_and_tells_so(committed: bool):
    driver = holding(State.ONGOING, started_ms=17)
    assert driver.end(Producer(7, 4), committed=committed, version=2) == Producer(7, 5)
    markers = driver.shard.unfinished(ID)
    assert markers is not None
    assert (markers.producer_id, markers.producer_epoch, markers.committed) == (7, 5, committed)
    assert driver.transaction.started_ms == 17
    driver.write_markers()
    assert (driver.transaction.producer_epoch, driver.transaction.last_producer_epoch) == (5, 4)


DECIDED, DONE = "decided", "done"


@pytest.mark.parametrize(
    ("state", "committed", "current", "retry"),
    [
        (State.EMPTY, False, DECIDED, ProducerFenced),
        (State.EMPTY, True, InvalidTransactionEnd, ProducerFenced),
        (State.COMPLETE_ABORT, False, DECIDED, DONE),
        (State.COMPLETE_ABORT, True, InvalidTransactionEnd, ProducerFenced),
        (State.COMPLETE_COMMIT, False, DECIDED, InvalidTransactionEnd),
        (State.COMPLETE_COMMIT, True, InvalidTransactionEnd, DONE),
        (State.ONGOING, False, DECIDED, ProducerFenced),
        (State.ONGOING, True, DECIDED, ProducerFenced),
        (State.PREPARE_COMMIT, True, ConcurrentTransactions, ConcurrentTransactions),
        (State.PREPARE_ABORT, True, ConcurrentTransactions, ConcurrentTransactions),
        (State.PREPARE_ABORT, False, ConcurrentTransactions, ConcurrentTransactions),
    ],
)
def test_the_table_of_version_2(state: State, committed: bool, current: object, retry: object):
    for epoch, expected in ((4, current), (3, retry)):
        driver = holding(state, client_version=2, partitions=frozenset({P0} if state is State.ONGOING else ()))
        answer = driver.end(Producer(7, epoch), committed=committed, version=2)
        assert bool(driver.last.records) == (expected is DECIDED)
        if expected is DECIDED:
            assert answer == Producer(7, 5)
        elif expected is DONE:
            assert answer == Producer(7, 4)
        else:
            assert type(answer) is expected


@pytest.mark.parametrize("state", SETTLED)
def test_aborting_nothing_is_over_at_once(state: State):
    driver = holding(state, client_version=2, partitions=frozenset())
    assert driver.end(Producer(7, 4), committed=False, version=2) == Producer(7, 5)
    assert states_of(driver.last.records) == [State.PREPARE_ABORT, State.COMPLETE_ABORT]
    assert driver.transaction.started_ms == driver.now_ms
    assert driver.shard.unfinished(ID) is None


@BOTH
def test_a_delayed_end_cannot_end_the_next_transaction(committed: bool):
    """KAFKA-17754: the first request was lost on the way, its retry was answered, and then it arrives."""
    driver = Driver()
    before, after = driver.ended(committed=committed, version=2)
    assert driver.end(before, committed=committed, version=2) == after
    assert driver.add(after, P0, client_version=2) is None
    assert isinstance(driver.end(before, committed=committed, version=2), ProducerFenced)
    assert driver.last.records == ()
    assert driver.state is State.ONGOING


def test_the_epoch_before_a_classic_transaction_was_somebody_elses():
    driver = Driver()
    old = driver.init()
    new = driver.begun(P0)
    driver.end(new, committed=False)
    driver.write_markers()
    assert isinstance(driver.end(old, committed=False, version=2), ProducerFenced)


@BOTH
def test_when_the_epochs_are_used_up_the_end_leads_to_a_fresh_id(committed: bool):
    driver = holding(State.ONGOING, producer_epoch=32_766)
    for _ in range(2):
        assert driver.shard.needs_producer_id(EndTransaction(ID, 7, 32_766, committed, 2))
        assert isinstance(driver.run(EndTransaction(ID, 7, 32_766, committed, 2)), ConcurrentTransactions)
    assert driver.end(Producer(7, 32_766), committed=committed, version=2) == Producer(1000, 0)
    markers = driver.shard.unfinished(ID)
    assert markers is not None
    assert (markers.producer_id, markers.producer_epoch) == (7, 32_767)
    assert isinstance(driver.add(Producer(1000, 0), P0), ConcurrentTransactions)
    assert isinstance(driver.end(Producer(1000, 0), committed=False, version=2), ConcurrentTransactions)
    driver.write_markers()
    assert driver.end(Producer(7, 32_766), committed=committed, version=2) == Producer(1000, 0)
    assert driver.last.records == ()
    assert driver.restarted().end(Producer(7, 32_766), committed=committed, version=2) == Producer(1000, 0)
    assert driver.add(Producer(1000, 0), P0) is None
    assert isinstance(driver.end(Producer(7, 32_766), committed=committed, version=2), InvalidProducerIdMapping)


# After the coordinator has aborted.


def test_a_producer_whose_time_ran_out_aborts_and_goes_on():
    driver = Driver()
    producer = driver.begun(P0, client_version=2)
    driver.fire(("transaction-timeout", ID))
    driver.write_markers()
    assert isinstance(driver.end(producer, committed=True, version=2), ProducerFenced)
    assert driver.end(producer, committed=False, version=2) == Producer(1000, 1)
    assert driver.add(Producer(1000, 1), P0, client_version=2) is None


def test_no_client_is_told_the_highest_epoch():
    driver = holding(State.COMPLETE_ABORT, producer_epoch=32_767, client_version=2, partitions=frozenset())
    assert isinstance(driver.end(Producer(7, 32_766), committed=False, version=2), ProducerFenced)
    assert driver.init() == Producer(1001, 0)  # The retry brought one as well, which is lost.


# Markers.


def test_late_news_of_markers_changes_nothing():
    driver = Driver()
    for command in (MarkersWritten("unknown", 7, 4), MarkersWritten(ID, 7, 4)):
        assert driver.run(command) is None
        assert driver.last.records == ()
    producer = driver.begun(P0)
    assert driver.run(MarkersWritten(ID, *producer)) is None
    assert driver.state is State.ONGOING
    driver.end(producer, committed=True)
    assert driver.run(MarkersWritten(ID, 1000, 3)) is None
    assert driver.state is State.PREPARE_COMMIT


def test_an_id_that_nobody_knows_has_nothing_to_end():
    assert isinstance(Driver().end(Producer(7, 0), committed=True), InvalidProducerIdMapping)
