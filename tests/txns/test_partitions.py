"""Partitions come into a transaction, which begins with the first."""

from __future__ import annotations

import pytest

from cordwood.model.decision import Timer
from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidProducerIdMapping, ProducerFenced
from cordwood.txns.commands import AddPartitions, VerifyPartitions
from cordwood.txns.outcome import timeout_key
from cordwood.txns.replies import Producer, Verified
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, P1, P2, TIMEOUT_MS, Driver, stored


def verify(driver: Driver, producer: Producer, *partitions):
    return driver.run(VerifyPartitions(ID, *producer, frozenset(partitions)))


@pytest.mark.parametrize("state", [State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT])
def test_the_first_partition_begins_a_transaction(state: State):
    driver = Driver([stored(state=state, started_ms=5)])
    assert driver.add(Producer(7, 0), P0) is None
    assert (driver.state, driver.transaction.partitions) == (State.ONGOING, {P0})
    assert driver.transaction.started_ms == driver.now_ms
    assert driver.last.timers == (Timer(timeout_key(ID), TIMEOUT_MS),)


def test_more_partitions_neither_begin_it_nor_give_it_more_time():
    driver = Driver()
    producer = driver.begun(P0)
    began_ms, driver.now_ms = driver.now_ms, driver.now_ms + 10
    assert driver.add(producer, P1, client_version=2) is None
    assert driver.transaction.partitions == {P0, P1}
    assert (driver.transaction.started_ms, driver.last.timers) == (began_ms, ())
    assert driver.transaction.client_version == 2


def test_partitions_that_are_in_cost_no_record():
    driver = Driver()
    producer = driver.begun(P0, P1)
    assert driver.add(producer, P1) is None
    assert driver.last.records == ()


def test_who_may_add():
    driver = Driver()
    producer = driver.init()
    assert isinstance(
        driver.run(AddPartitions("other", producer.producer_id, producer.producer_epoch, frozenset({P0}))),
        InvalidProducerIdMapping,
    )
    assert isinstance(driver.add(Producer(99, 0), P0), InvalidProducerIdMapping)
    assert isinstance(driver.add(Producer(1000, 1), P0), ProducerFenced)


@pytest.mark.parametrize("state", [State.PREPARE_COMMIT, State.PREPARE_ABORT])
def test_while_markers_are_written_it_waits_even_under_the_producer_id_to_come(state: State):
    driver = Driver([stored(state=state, partitions=frozenset({P0}))])
    assert isinstance(driver.add(Producer(7, 0), P0), ConcurrentTransactions)
    assert isinstance(driver.add(Producer(8, 0), P0), ConcurrentTransactions)


def test_verifying_says_what_is_missing():
    driver = Driver()
    producer = driver.begun(P0, P1)
    assert verify(driver, producer, P0, P1) == Verified(frozenset())
    assert verify(driver, producer, P1, P2) == Verified(frozenset({P2}))
    assert driver.last.records == ()


def test_after_the_end_every_partition_is_missing():
    driver = Driver()
    producer, _ = driver.ended(committed=True)
    assert verify(driver, producer, P0) == Verified(frozenset({P0}))


def test_who_may_verify():
    driver = Driver()
    producer = driver.begun(P0)
    assert isinstance(verify(driver, Producer(99, 0), P0), InvalidProducerIdMapping)
    assert isinstance(verify(driver, Producer(1000, 1), P0), ProducerFenced)
    driver.end(producer, committed=True)
    assert isinstance(verify(driver, producer, P0), ConcurrentTransactions)
