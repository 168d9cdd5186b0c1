"""A clock that stands still until it is moved.

Lives here: virtual time for synchronous code. Must not live here: timers; those belong to event loops.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.ids import TimestampMs

_BEGINNING_MS: Final = 1_700_000_000_000


class SimClock:
    """Time of day and time passed, both moved by `advance` alone."""

    def __init__(self, now_ms: int = _BEGINNING_MS) -> None:
        self._now_ms = now_ms
        self._passed_ms = 0

    def now_ms(self) -> TimestampMs:
        return TimestampMs(self._now_ms + self._passed_ms)

    def monotonic(self) -> float:
        return self._passed_ms / 1000

    def advance(self, milliseconds: int) -> None:
        """Lets time pass."""
        assert milliseconds >= 0, f"time does not go back by {-milliseconds} ms"
        self._passed_ms += milliseconds
