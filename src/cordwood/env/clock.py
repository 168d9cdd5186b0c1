"""The clock: the only place that asks what time it is.

Lives here: the `Clock` Protocol and the machine's own clock. Must not live here: timers; those belong to event loops.
"""

from __future__ import annotations

import time
from typing import Protocol

from cordwood.model.ids import TimestampMs


class Clock(Protocol):
    """Tells the time of day and the time passed."""

    def now_ms(self) -> TimestampMs:
        """Milliseconds since the Unix epoch; may jump when the machine's clock is set."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary beginning; never goes back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> TimestampMs:
        return TimestampMs(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()
