"""Commands are values, and what their request did not say is Kafka's default."""

from __future__ import annotations

from cordwood.txns.commands import AddPartitions, EndTransaction, InitProducerId
from tests.txns.driver import P0


def test_what_is_not_said_is_nothing():
    command = InitProducerId("a", 1)
    assert (command.producer_id, command.producer_epoch, command.fresh_producer_id) == (-1, -1, -1)
    assert command.knows_fencing


def test_a_producer_speaks_the_classic_protocol_unless_it_says_otherwise():
    assert AddPartitions("a", 1, 0, frozenset({P0})).client_version == 0
    assert EndTransaction("a", 1, 0, True).client_version == 0
    assert EndTransaction("a", 1, 0, True) == EndTransaction("a", 1, 0, True)
