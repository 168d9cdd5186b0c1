"""Nobody does anything under an id that it does not hold."""

from __future__ import annotations

import pytest

from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidProducerIdMapping, ProducerFenced
from cordwood.txns.checks import check_over, check_producer, find, fresh_producer_id
from cordwood.txns.commands import InitProducerId, ProducerCommand
from cordwood.txns.transitions import State
from tests.txns.driver import ID, stored


def test_an_unknown_id_is_nobodys():
    with pytest.raises(InvalidProducerIdMapping):
        find({}, ProducerCommand(ID, 7, 0))
    assert find({ID: stored()}, ProducerCommand(ID, 7, 0)) == stored()


def test_the_holder_is_known_by_id_and_epoch():
    check_producer(stored(producer_id=7, producer_epoch=3), ProducerCommand(ID, 7, 3))
    with pytest.raises(InvalidProducerIdMapping):
        check_producer(stored(producer_id=7, producer_epoch=3), ProducerCommand(ID, 8, 3))
    for epoch in (2, 4):
        with pytest.raises(ProducerFenced) as caught:
            check_producer(stored(producer_id=7, producer_epoch=3), ProducerCommand(ID, 7, epoch))
        assert (caught.value.current, caught.value.attempted) == (3, epoch)


@pytest.mark.parametrize("state", State)
def test_while_markers_are_written_everybody_waits(state: State):
    if state in (State.PREPARE_COMMIT, State.PREPARE_ABORT):
        with pytest.raises(ConcurrentTransactions):
            check_over(stored(state=state))
    else:
        check_over(stored(state=state))


def test_a_fresh_id_that_is_missing_is_asked_for_again():
    assert fresh_producer_id(InitProducerId(ID, 1, fresh_producer_id=9)) == 9
    with pytest.raises(ConcurrentTransactions):
        fresh_producer_id(InitProducerId(ID, 1))
