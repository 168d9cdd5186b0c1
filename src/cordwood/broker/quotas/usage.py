"""What one client used within a window of time, and when it is within its quota again.

    span:   (quota.window.num - 1) * quota.window.size.seconds
    slots:  | 3 | 0 | 5 | 1 | ... | 4 | 2 |      each an eightieth of the span, on one grid for all
            ^ the oldest that still counts  ^ now

Lives here: that window and its arithmetic. Must not live here: a clock, clients, what is measured.

It is Kafka's sampled rate with three differences, each of which holds clients closer to their quotas:

1. A client that is new, or used nothing for a whole span, has one window's worth at first, and not a whole span's: time
   that passed before its first request is no credit. So nobody gets ten seconds' worth in the first of them.
2. Who is over waits for the longer of Kafka's time, (observed - quota) / quota * window, and the time until so much of
   what it used lies behind the window that it is within its quota again. After Kafka's time alone a client may still be
   over because of one burst, and gets ever more in.
3. Slots count whole as long as any part of them is in the window. With one connection, no span of time has more than
   quota * span and one request.
"""

from __future__ import annotations

from array import array
from typing import Final

import msgspec

SLOTS: Final = 80
"""How finely the span is divided, however long it is. Who always wants more gets 80 of 81 parts of the quota, or more."""

_EMPTY: Final = bytes(8 * (SLOTS + 1))
"""All slots that may lie in the span, wholly or in part, without anything in them."""


class Windows(msgspec.Struct, frozen=True):
    """How use is measured: quota.window.num and quota.window.size.seconds, of which the newest window is the one now."""

    count: int = 11
    size_s: float = 1.0

    @property
    def span_s(self) -> float:
        """Over how long a time clients are held to their quotas."""
        return max(self.count - 1, 1) * self.size_s

    @property
    def slot_s(self) -> float:
        """The time that one number stands for."""
        return self.span_s / SLOTS


class Usage:
    """What was used lately. Times are seconds of one clock that never goes back."""

    __slots__ = ("_began", "_newest", "_slots", "_used", "_windows")

    def __init__(self, windows: Windows, now: float) -> None:
        self._windows = windows
        self._slots = array("d", _EMPTY)
        self._newest = int(now / windows.slot_s)
        self._used = 0.0
        self._began = now

    def used(self, now: float) -> float:
        """What was used within the window."""
        self._move_on(now)
        return self._used

    def take(self, amount: float, now: float) -> None:
        """So much is used, now."""
        self._move_on(now)
        if not self._used:
            self._began = now
        self._used += amount
        self._slots[self._newest % len(self._slots)] += amount

    def left(self, rate: float, now: float) -> float:
        """How much more may be used now at this quota a second; negative for who is over it."""
        used = self.used(now)
        return rate * self._elapsed(now) - used

    def wait_s(self, rate: float, now: float) -> float:
        """How long it takes until it is within the quota again; 0 for who is."""
        if self.left(rate, now) >= 0:
            return 0.0
        paid_s = min(now - self._began, self._windows.span_s)
        return max(self._used / rate - paid_s, self._within_at(rate) - now)

    def _elapsed(self, now: float) -> float:
        """The time that counts: since the first use, one window at least, and never more than the span."""
        windows = self._windows
        elapsed = now - self._began if self._used else 0.0
        return min(max(elapsed, windows.size_s), windows.span_s)

    def _within_at(self, rate: float) -> float:
        """When as much is allowed as will be left of what was used. The quota's credit grows while slots fall behind."""
        windows, slots = self._windows, self._slots
        count = len(slots)
        used, most = self._used, rate * windows.span_s
        for gone in range(1, count + 1):
            falls_at = (self._newest + gone) * windows.slot_s
            credit_at = self._began + used / rate
            if used <= most and credit_at <= falls_at:
                return credit_at
            used -= slots[(self._newest + gone) % count]
            if used <= rate * min(max(falls_at - self._began, windows.size_s), windows.span_s):
                return falls_at
        return (self._newest + count) * windows.slot_s

    def _move_on(self, now: float) -> None:
        """Forgets what fell out of the window."""
        newest = int(now / self._windows.slot_s)
        passed = newest - self._newest
        if passed <= 0:
            return
        slots = self._slots
        count = len(slots)
        if passed >= count:
            slots[:] = array("d", _EMPTY)
        else:
            for number in range(self._newest + 1, newest + 1):
                slots[number % count] = 0.0
        self._newest = newest
        # Added up anew, because differences of floating-point numbers would drift.
        self._used = sum(slots)
