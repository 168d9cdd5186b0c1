"""The pace of compaction: how fast it reads and writes, how long it holds the interpreter, when it stops.

      work for a millisecond ─ breathe ─ work ─ breathe ─ ... ─ so many bytes too early: wait ─ work ─ ...

Compaction shares the interpreter with an event loop. A thread that asks for it waits up to 5 ms (the switch interval)
unless its owner lets go, and letting go for no time at all is not enough: the owner has it again before the other one
wakes. So it lets go for some 50 microseconds after each millisecond (bench/compaction.py shows what that does).

Lives here: waiting. Must not live here: what is done in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from cordwood.env.clock import Clock

STRETCH_S: Final = 0.001
"""How long work goes on without a breath."""
BREATH_S: Final = 0.00005
"""How long the others get, at least: the kernel adds as much to it."""
PATIENCE_S: Final = 0.02
"""A wait for the throttle that is shorter waits for more to come together."""


class Stop(Protocol):
    """What ends the work: a `threading.Event`, or a simulation's."""

    def is_set(self) -> bool:
        """Whether it is to end."""
        ...

    def wait(self, timeout: float) -> bool:
        """Waits so many seconds or until it is to end, and says whether it is."""
        ...


class CompactionStopped(Exception):
    """Somebody asked the compaction to stop; what was swapped in stays, the rest is left as it was."""


class Pace:
    """Breathes, throttles and stops the work of one thread."""

    __slots__ = ("_breath_at", "_clock", "_due", "_stop", "rate", "throttled_s")

    def __init__(self, clock: Clock, stop: Stop, max_bytes_per_second: float = float("inf")) -> None:
        self._clock = clock
        self._stop = stop
        self.rate = max_bytes_per_second
        """How many bytes may be read and written in a second, together."""
        self._breath_at = self._due = clock.monotonic()
        self.throttled_s = 0.0
        """How long it was held back in all."""

    def check(self) -> None:
        """Raises CompactionStopped when it is to end."""
        if self._stop.is_set():
            raise CompactionStopped

    def breathe(self) -> None:
        """Lets others use the interpreter, if it was held for a while. Raises CompactionStopped."""
        if self._clock.monotonic() - self._breath_at >= STRETCH_S:
            self._wait(BREATH_S)

    def rest(self) -> None:
        """The same for what must be done in any case: it does not stop."""
        if self._clock.monotonic() - self._breath_at >= STRETCH_S:
            self._stop.wait(BREATH_S)
            self._breath_at = self._clock.monotonic()

    def moved(self, size_bytes: int) -> None:
        """So much was read or written: waits if it was too early for that. Raises CompactionStopped."""
        self.check()
        now = self._clock.monotonic()
        self._due = max(self._due, now - PATIENCE_S) + size_bytes / self.rate
        early = self._due - now
        if early >= PATIENCE_S:
            self.throttled_s += early
            self._wait(early)
        self.breathe()

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise CompactionStopped
        self._breath_at = self._clock.monotonic()
