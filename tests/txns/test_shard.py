"""The shard finds who decides, and keeps what was decided."""

from __future__ import annotations

import pytest

from cordwood.model.decision import Record
from cordwood.model.errors import InvalidProducerEpoch, InvalidRequest
from cordwood.model.transaction_errors import ProducerFenced
from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId, VerifyPartitions
from cordwood.txns.expiry import CLEARING
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.shard import CLEARED_AT_ONCE, Shard
from cordwood.txns.transitions import State
from tests.txns.driver import ID, P0, Driver, stored


def test_an_empty_id_is_none():
    assert isinstance(Driver().run(InitProducerId("", 1)), InvalidRequest)


def test_old_clients_are_fenced_in_their_own_words():
    driver = Driver([stored(producer_epoch=3)])
    for command in (
        InitProducerId(ID, 1, 7, 2, knows_fencing=False),
        AddPartitions(ID, 7, 2, frozenset({P0}), knows_fencing=False),
        VerifyPartitions(ID, 7, 2, frozenset({P0}), knows_fencing=False),
        EndTransaction(ID, 7, 2, True, knows_fencing=False),
    ):
        answer = driver.run(command)
        assert isinstance(answer, InvalidProducerEpoch)
        assert (answer.producer_id, answer.current, answer.attempted) == (7, 3, 2)
    assert isinstance(driver.run(EndTransaction(ID, 7, 2, True)), ProducerFenced)


def test_a_decision_changes_nothing_before_its_records_are_replayed():
    driver = Driver()
    result = driver.shard.decide(InitProducerId(ID, 1, fresh_producer_id=5), driver.turn())
    assert driver.shard.transactions == {}
    driver.carry_out(result)
    assert driver.transaction.producer_id == 5


def test_removed_ids_are_forgotten():
    shard = Shard()
    shard.replay(stored())
    shard.replay(TransactionRemoved(ID))
    shard.replay(TransactionRemoved(ID))
    assert shard.transactions == {}


def test_records_of_others_are_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="not of transactions"):
        Shard().replay(Record())


@pytest.mark.parametrize(
    ("known", "for_init", "for_end"),
    [
        ((), True, False),
        ((stored(producer_epoch=32_765),), False, False),
        ((stored(producer_epoch=32_766),), True, True),
        ((stored(producer_epoch=32_766, state=State.ONGOING),), False, True),
        ((stored(producer_epoch=32_767, state=State.PREPARE_ABORT),), False, False),
    ],
)
def test_when_a_fresh_producer_id_is_needed(known: tuple[Record, ...], for_init: bool, for_end: bool):
    shard = Driver(known).shard
    assert shard.needs_producer_id(InitProducerId(ID, 1)) == for_init
    assert shard.needs_producer_id(EndTransaction(ID, 7, 0, True, 2)) == for_end
    assert not shard.needs_producer_id(EndTransaction(ID, 7, 0, True, 0))


def test_clearing_goes_in_parts():
    driver = Driver(
        [TransactionStored(f"id-{number}", number, 0, 1, 0) for number in range(CLEARED_AT_ONCE + 1)],
        id_expiration_ms=1,
        id_expiration_check_ms=77,
    )
    driver.carry_out(driver.shard.expired(CLEARING, driver.turn()))
    assert len(driver.shard.transactions) == 1
    assert driver.timers[CLEARING] == driver.now_ms
    driver.fire(CLEARING)
    assert driver.shard.transactions == {}
    assert driver.timers[CLEARING] == driver.now_ms + 77


def test_what_was_decided_before_a_restart_is_finished():
    driver = Driver()
    producer = driver.begun(P0)
    driver.end(producer, committed=True, version=2)
    other = driver.restarted()
    (markers,) = other.shard.all_unfinished()
    assert markers == driver.shard.unfinished(ID)
    other.write_markers()
    assert other.state is State.COMPLETE_COMMIT
    assert list(other.shard.all_unfinished()) == []
    assert other.end(producer, committed=True, version=2) == Producer(1000, 1)


def test_an_id_that_is_not_known_has_no_markers():
    assert Shard().unfinished(ID) is None
