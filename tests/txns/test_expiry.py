"""Time ends transactions, and ids that nobody uses."""

from __future__ import annotations

import pytest

from cordwood.txns.expiry import CLEARING, expire_transaction, removal, timer_of
from cordwood.txns.outcome import timeout_key
from cordwood.txns.records import TransactionRemoved
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, TIMEOUT_MS, Driver, stored

KEY = timeout_key(ID)


@pytest.mark.parametrize("version", [0, 2])
def test_a_transaction_that_takes_too_long_is_aborted_under_the_next_epoch(version: int):
    driver = Driver()
    driver.begun(P0, client_version=version)
    driver.fire(KEY)
    assert (driver.state, driver.transaction.producer_epoch) == (State.PREPARE_ABORT, 1)
    assert driver.shard.unfinished(ID) is not None
    assert KEY not in driver.timers


def test_an_end_in_time_takes_the_timer_away():
    driver = Driver()
    producer = driver.begun(P0)
    assert KEY in driver.timers
    driver.end(producer, committed=True)
    assert KEY not in driver.timers


def test_a_timer_that_fires_too_early_is_set_again():
    driver = Driver()
    driver.begun(P0)
    driver.now_ms += TIMEOUT_MS - 10
    driver.carry_out(expire_transaction(driver.shard.transactions, KEY, driver.turn()))
    assert driver.state is State.ONGOING
    assert driver.timers[KEY] == driver.now_ms + 10


@pytest.mark.parametrize("state", [state for state in State if state is not State.ONGOING])
def test_other_states_have_no_timeout(state: State):
    driver = Driver([stored(state=state)])
    assert expire_transaction(driver.shard.transactions, KEY, driver.turn()).records == ()
    assert timer_of(driver.transaction, driver.turn()).timers == ()


def test_an_id_that_is_gone_has_no_timeout():
    assert expire_transaction({}, KEY, Driver().turn()).records == ()


def test_after_a_restart_what_is_left_of_the_time_counts():
    driver = Driver()
    driver.begun(P0)
    driver.now_ms += 50_000
    assert driver.restarted().timers[KEY] == driver.now_ms + 10_000
    driver.now_ms += 50_000
    assert driver.restarted().timers[KEY] == driver.now_ms


@pytest.mark.parametrize("state", State)
def test_ids_without_a_transaction_expire(state: State):
    driver = Driver(id_expiration_ms=1_000)
    known = stored(state=state, updated_ms=driver.now_ms - 1_000)
    expires = state in (State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT)
    assert removal(known, driver.turn()).records == ((TransactionRemoved(ID),) if expires else ())
    assert removal(stored(state=state, updated_ms=driver.now_ms - 999), driver.turn()).records == ()


def test_an_id_that_expired_begins_anew():
    driver = Driver(id_expiration_ms=1_000)
    driver.init()
    driver.now_ms += 1_000
    driver.carry_out(driver.shard.expired(CLEARING, driver.turn()))
    assert driver.shard.transactions == {}
    assert driver.init().producer_id == 1001
