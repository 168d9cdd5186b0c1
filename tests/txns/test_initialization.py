"""InitProducerId: who gets which id and epoch, and who is fenced by it."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidRequest
from cordwood.model.transaction_errors import (
    ConcurrentTransactions,
    InvalidTransactionTimeout,
    ProducerFenced,
)
from cordwood.txns.commands import InitProducerId
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, Driver, stored


def test_a_new_id_gets_a_fresh_producer_id():
    driver = Driver()
    assert driver.init() == Producer(1000, 0)
    assert driver.state is State.EMPTY
    assert driver.transaction.timeout_ms == 60_000


def test_a_producer_whose_id_has_expired_begins_anew():
    assert Driver().init(Producer(5, 3)) == Producer(1000, 0)


@pytest.mark.parametrize("timeout_ms", [0, -1, 900_001])
def test_timeouts_have_bounds(timeout_ms: int):
    driver = Driver()
    assert isinstance(driver.init(timeout_ms=timeout_ms), InvalidTransactionTimeout)
    assert driver.shard.transactions == {}
    assert driver.init(timeout_ms=900_000) == Producer(1001, 0)


def test_an_id_and_its_epoch_are_named_together():
    driver = Driver()
    driver.init()
    assert isinstance(driver.run(InitProducerId(ID, 1, producer_id=1000)), InvalidRequest)
    assert isinstance(driver.run(InitProducerId(ID, 1, producer_epoch=0)), InvalidRequest)


def test_whoever_comes_next_gets_the_next_epoch_and_its_own_timeout():
    driver = Driver()
    driver.init()
    assert driver.init(timeout_ms=5) == Producer(1000, 1)
    assert driver.transaction.timeout_ms == 5


@pytest.mark.parametrize("state", [State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT])
def test_without_a_transaction_the_holder_goes_on(state: State):
    driver = Driver([stored(state=state, producer_epoch=3)])
    assert driver.init(Producer(7, 3)) == Producer(7, 4)
    assert driver.state is State.EMPTY


def test_a_retry_of_the_holder_gets_the_same_answer_again_and_again():
    driver = Driver([stored(producer_epoch=3)])
    for _ in range(3):
        assert driver.init(Producer(7, 3)) == Producer(7, 4)


def test_a_newcomer_fences_whoever_was_given_the_epoch_before():
    driver = Driver([stored(producer_epoch=3)])
    assert driver.init() == Producer(7, 4)
    assert isinstance(driver.init(Producer(7, 3)), ProducerFenced)
    assert driver.last.records == ()


def test_after_a_restart_a_retry_is_fenced_as_in_kafka():
    driver = Driver([stored(producer_epoch=3)])
    driver.init(Producer(7, 3))
    assert isinstance(driver.restarted().init(Producer(7, 3)), ProducerFenced)


@pytest.mark.parametrize("expected", [Producer(7, 1), Producer(7, 4), Producer(8, 3)])
def test_others_are_fenced(expected: Producer):
    driver = Driver([stored(producer_epoch=3, last_producer_epoch=2)])
    assert isinstance(driver.init(expected), ProducerFenced)


def test_a_transaction_under_way_is_aborted_and_its_producer_fenced():
    driver = Driver()
    old = driver.begun(P0)
    assert isinstance(driver.init(), ConcurrentTransactions)
    assert (driver.state, driver.transaction.producer_epoch) == (State.PREPARE_ABORT, 1)
    markers = driver.shard.unfinished(ID)
    assert markers is not None
    assert (markers.producer_epoch, markers.committed, markers.partitions) == (1, False, {P0})
    assert isinstance(driver.init(), ConcurrentTransactions)
    assert driver.last.records == ()
    driver.write_markers()
    assert driver.init() == Producer(1000, 2)
    assert isinstance(driver.add(old, P0), ProducerFenced)
    assert isinstance(driver.end(old, committed=True), ProducerFenced)


def test_a_fenced_producer_cannot_abort_the_transaction_of_another_one():
    driver = Driver()
    old = driver.init()
    new = driver.begun(P0)
    assert isinstance(driver.init(old), ProducerFenced)
    assert driver.last.records == ()
    assert driver.end(new, committed=True) is not None
    assert driver.state is State.PREPARE_COMMIT


def test_a_retry_that_comes_late_leaves_the_transaction_alone():
    driver = Driver([stored(producer_epoch=3)])
    producer = driver.init(Producer(7, 3))
    driver.add(producer, P0)
    assert isinstance(driver.init(Producer(7, 3)), ProducerFenced)
    assert (driver.state, driver.last.records) == (State.ONGOING, ())


def test_a_holder_that_goes_on_after_its_own_abort_gets_one_epoch_more():
    driver = Driver()
    producer = driver.begun(P0)
    assert isinstance(driver.init(producer), ConcurrentTransactions)
    driver.write_markers()
    assert driver.init(producer) == Producer(1000, 1)


@pytest.mark.parametrize("state", [State.PREPARE_COMMIT, State.PREPARE_ABORT])
def test_while_markers_are_written_it_waits(state: State):
    driver = Driver([stored(state=state)])
    assert isinstance(driver.init(), ConcurrentTransactions)
    assert isinstance(driver.init(Producer(99, 3)), ConcurrentTransactions)


def test_when_the_epochs_are_used_up_a_fresh_id_takes_over():
    driver = Driver([stored(producer_epoch=32_766)])
    for _ in range(3):  # Each but the first a retry, which is known by the last epoch of the id before.
        assert driver.init(Producer(7, 32_766)) == Producer(1000, 0)
    assert isinstance(driver.init(Producer(7, 32_765)), ProducerFenced)


def test_a_newcomer_takes_over_from_a_used_up_id_as_well():
    driver = Driver([stored(producer_epoch=32_766)])
    assert driver.init() == Producer(1000, 0)
    assert isinstance(driver.init(Producer(7, 32_766)), ProducerFenced)


def test_the_highest_epoch_fences_and_is_never_given_away():
    driver = Driver([stored(producer_epoch=32_766, state=State.ONGOING, partitions=frozenset({P0}), started_ms=1)])
    assert isinstance(driver.init(Producer(7, 32_766)), ConcurrentTransactions)
    assert driver.transaction.producer_epoch == 32_767
    driver.write_markers()
    assert driver.init(Producer(7, 32_766)) == Producer(1000, 0)


def test_a_fresh_id_that_the_command_did_not_bring_is_asked_for_again():
    driver = Driver()
    assert isinstance(driver.run(InitProducerId(ID, 1)), ConcurrentTransactions)
    assert driver.shard.transactions == {}
