"""What all shards of a broker share: the loop, the clock, threads, tickets.

Lives here: those. Must not live here: anything of one shard or one kind of shards.
"""

from __future__ import annotations

import asyncio
import itertools

from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.model.decision import NO_TICKET, Ticket


class Surroundings:
    """The world of the shards."""

    def __init__(self, *, loop: asyncio.AbstractEventLoop, clock: Clock, background: Background) -> None:
        self.loop = loop
        self.clock = clock
        self.background = background
        self._tickets = itertools.count(NO_TICKET + 1)

    def new_ticket(self) -> Ticket:
        """A ticket that nobody had before."""
        return Ticket(next(self._tickets))
