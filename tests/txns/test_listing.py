"""Questions: one transaction, or all that pass the filters."""

from __future__ import annotations

import pytest

from cordwood.model.transaction_errors import TransactionalIdNotFound
from cordwood.txns.listing import DescribeTransaction, ListTransactions, TransactionListing
from cordwood.txns.records import TransactionStored
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, Driver


@pytest.fixture
def driver() -> Driver:
    """Three ids: one idle, one that has begun a second ago, one a minute ago."""
    return Driver(
        [
            TransactionStored("idle", 1, 0, 60_000, 0),
            TransactionStored("new", 2, 0, 60_000, 0, State.ONGOING, frozenset({P0}), started_ms=999_000),
            TransactionStored("old", 3, 0, 60_000, 0, State.PREPARE_ABORT, frozenset({P0}), started_ms=940_000),
        ]
    )


def names(driver: Driver, **filters) -> list[str]:
    listed = driver.shard.ask(ListTransactions(**filters), driver.turn())
    return [found.transactional_id for found in listed.transactions]


def test_a_description_is_the_newest_record():
    driver = Driver()
    driver.begun(P0)
    assert driver.shard.ask(DescribeTransaction(ID), driver.turn()) == driver.transaction


def test_an_id_that_there_is_not():
    with pytest.raises(TransactionalIdNotFound):
        Driver().shard.ask(DescribeTransaction(ID), Driver().turn())


def test_a_list_without_filters_is_whole(driver: Driver):
    listed = driver.shard.ask(ListTransactions(), driver.turn())
    assert listed.transactions == (
        TransactionListing("idle", 1, "Empty"),
        TransactionListing("new", 2, "Ongoing"),
        TransactionListing("old", 3, "PrepareAbort"),
    )


def test_filters(driver: Driver):
    assert names(driver, states=frozenset({"Ongoing", "Empty"})) == ["idle", "new"]
    assert names(driver, producer_ids=frozenset({2, 9})) == ["new"]
    assert names(driver, is_wanted=lambda name: "d" in name) == ["idle", "old"]
    assert names(driver, is_wanted=lambda name: "d" in name, states=frozenset({"Empty"})) == ["idle"]


def test_duration_is_that_of_a_transaction(driver: Driver):
    assert names(driver, longer_than_ms=0) == ["new", "old"]
    assert names(driver, longer_than_ms=1_000) == ["old"]
    assert names(driver, longer_than_ms=999) == ["new", "old"]
    assert names(driver, longer_than_ms=60_000) == []


def test_states_that_do_not_exist_are_told(driver: Driver):
    query = ListTransactions(states=frozenset({"ongoing", "Dead", "PrepareEpochFence"}))
    listed = driver.shard.ask(query, driver.turn())
    assert listed == ((), frozenset({"ongoing"}))
