"""No two requests have the same ticket."""

from __future__ import annotations

import pytest

from cordwood.model.decision import NO_TICKET
from tests.coordinator.rig import Rig


@pytest.mark.asyncio
async def test_a_ticket_is_given_once() -> None:
    around = Rig().around
    tickets = {around.new_ticket() for _ in range(3)}
    assert len(tickets) == 3
    assert NO_TICKET not in tickets
