"""A turn is what one decision is given."""

from __future__ import annotations

from cordwood.model.decision import NO_TICKET
from cordwood.txns.settings import TransactionSettings
from cordwood.txns.turn import Turn


def test_a_turn_carries_the_time_the_ticket_and_the_settings():
    turn = Turn(5, NO_TICKET, TransactionSettings(max_timeout_ms=1))
    assert (turn.now_ms, turn.ticket, turn.settings.max_timeout_ms) == (5, 0, 1)
