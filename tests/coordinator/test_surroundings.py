"""Every decision gets the time, a ticket of its own and names that nobody had."""

from __future__ import annotations

import pytest

from cordwood.model.decision import NO_TICKET
from tests.coordinator.rig import Rig


@pytest.mark.asyncio
async def test_a_turn_has_what_a_decision_needs() -> None:
    around = Rig().around
    tickets = {around.new_ticket() for _ in range(3)}
    assert len(tickets) == 3
    assert NO_TICKET not in tickets
    turn = around.turn(NO_TICKET)
    assert turn.now_ms == around.clock.now_ms()
    names = {turn.new_id() for _ in range(3)}
    assert len(names) == 3
    assert {len(name) for name in names} == {22}
