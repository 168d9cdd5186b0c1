"""A bucket of tokens: what may be used comes back steadily, up to a burst (KIP-599).

Lives here: the bucket. Must not live here: a clock, clients.

Partitions are created in large bunches, which a rate over a window answers badly: one bunch is over the quota until it has
left the window. A bucket is in debt by what was taken too much, and that is paid back at the quota.
"""

from __future__ import annotations

from cordwood.broker.quotas.usage import Windows


class TokenBucket:
    """Full at first. `windows` say how large it is: the quota of all of them."""

    __slots__ = ("_fresh", "_tokens", "_updated", "_windows")

    def __init__(self, windows: Windows, now: float) -> None:
        self._windows = windows
        self._tokens = 0.0
        self._updated = now
        self._fresh = True

    def tokens(self, rate: float, now: float) -> float:
        """How many there are at this quota a second; negative for a debt."""
        burst = rate * self._windows.count * self._windows.size_s
        if self._fresh:
            self._tokens, self._fresh = burst, False
        self._tokens = min(burst, self._tokens + rate * (now - self._updated))
        self._updated = now
        return self._tokens

    def take(self, amount: float, rate: float, now: float) -> None:
        """Takes tokens, those that are not there as a debt."""
        self._tokens = self.tokens(rate, now) - amount

    def wait_s(self, rate: float, now: float) -> float:
        """How long it takes until there is no debt."""
        return max(0.0, -self.tokens(rate, now) / rate)
