"""What a decision is given from outside: the time, whom to answer, the settings.

Lives here: the `Turn`. Must not live here: decisions.
"""

from __future__ import annotations

from typing import NamedTuple

from cordwood.model.decision import Ticket
from cordwood.txns.settings import TransactionSettings


class Turn(NamedTuple):
    """One decision's surroundings."""

    now_ms: int
    """Milliseconds since the Unix epoch: for what is stored. What has to happen later is a Timer."""
    ticket: Ticket
    """Who is owed an answer; NO_TICKET in the turn of a timer."""
    settings: TransactionSettings
