"""The time that is left.

Lives here: one deadline, over however many waits. Must not live here: the waits.
"""

from __future__ import annotations

from typing import Final

from cordwood.env.clock import Clock

SHORTEST_S: Final = 0.001


class Deadline:
    """A time that comes."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """How long that is from now; never quite nothing, which sockets would take for no bound."""
        return max(self._end - self._clock.monotonic(), SHORTEST_S)

    @property
    def is_over(self) -> bool:
        """Whether it has come."""
        return self.left_s <= SHORTEST_S

    def later(self, seconds: float) -> Deadline:
        """Another one, so much later."""
        return Deadline(self.left_s + seconds, self._clock)

    def sooner(self, seconds: float) -> Deadline:
        """Another one, so long from now at most."""
        return Deadline(min(self.left_s, seconds), self._clock)
