"""What is remembered of those who hold quotas, within a bound.

Lives here: remembering and forgetting. Must not live here: what is remembered.

A client may call itself anything, so the number of holders has a limit; beyond it the one that was silent for longest is
forgotten, and begins anew if it comes back. Whoever was silent for so long that nothing of its use counts any more is as
good as new, and is forgotten when others come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from cordwood.broker.quotas.precedence import Holder

T = TypeVar("T")


class Holders(Generic[T]):
    """One thing for each holder, those who came last at the end."""

    def __init__(self, new: Callable[[float], T], limit: int, idle_s: float) -> None:
        self._new = new
        self._limit = limit
        self._idle_s = idle_s
        self._known: dict[Holder, T] = {}
        self._seen: dict[Holder, float] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, holder: Holder, now: float) -> T:
        """What is remembered of a holder, made anew where there is nothing."""
        found = self._known.pop(holder, None)
        if found is None:
            self._forget(now)
            found = self._new(now)
        self._known[holder] = found
        self._seen[holder] = now
        return found

    def _forget(self, now: float) -> None:
        """Each new one makes room for itself, and for one more of those who are as good as gone."""
        for _ in range(2):
            oldest = next(iter(self._known), None)
            if oldest is None:
                return
            if len(self._known) >= self._limit or now - self._seen[oldest] > self._idle_s:
                del self._known[oldest]
                del self._seen[oldest]

    def clear(self) -> None:
        """Forgets everybody."""
        self._known.clear()
        self._seen.clear()
