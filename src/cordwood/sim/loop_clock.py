"""The clock of one machine in virtual time: it may be wrong, and it may be set.

Lives here: time of day and time passed as one machine sees them. Must not live here: timers; those are the loop's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.model.ids import TimestampMs

if TYPE_CHECKING:
    from cordwood.sim.loop import SimLoop

_BEGINNING_MS: Final = 1_700_000_000_000
_MILLION: Final = 1_000_000


class LoopClock:
    """Runs with the loop, `drift_ppm` millionths too fast (or too slow, if negative)."""

    def __init__(self, loop: SimLoop, drift_ppm: int = 0) -> None:
        self._loop = loop
        self._drift_ppm = drift_ppm
        self._set_by_ms = 0

    def now_ms(self) -> TimestampMs:
        return TimestampMs(_BEGINNING_MS + self._set_by_ms + self._passed_us() // 1000)

    def monotonic(self) -> float:
        return self._passed_us() / _MILLION

    def set_by(self, milliseconds: int) -> None:
        """Somebody sets the time of day forward, or back if it is negative; the time passed stays."""
        self._set_by_ms += milliseconds

    def _passed_us(self) -> int:
        now_us = self._loop.now_us
        return now_us + now_us * self._drift_ppm // _MILLION
