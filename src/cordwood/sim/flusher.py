"""Group commit without a thread: the simulation says when it is the flusher's turn.

Lives here: turns. Must not live here: what a turn does; that is the real flusher's.
"""

from __future__ import annotations

from cordwood.log.flusher import Flusher
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock


class SimFlusher(Flusher):
    """The flusher of one simulated process, and the background of its short work."""

    def __init__(self, clock: SimClock | None = None) -> None:
        self.clock = clock or SimClock()
        self.pending = SimBackground()
        super().__init__(self.pending, self.clock)

    def turn(self) -> None:
        """Syncs what somebody waits for or what is due, and tells those who wait."""
        self._receive(block=False)
        for log in self._queue.collect(self.clock.monotonic()):
            self._sync(log)
