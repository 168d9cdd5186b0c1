"""Moments that faults wait for: they come in the same step in which somebody sees that it is so.

Lives here: waiting. Must not live here: what is waited for (`faults`, `reshaping`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Invariant

if TYPE_CHECKING:
    from cordwood.raft import Term
    from cordwood.sim.quorum.sight import Log, Sight


class Moments(Invariant):
    """Sees what the invariants see, and thinks nothing of it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[Sight], bool], asyncio.Future[Sight]]] = []

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        for one in [one for one in self._waiting if one[0](sight)]:
            self._waiting.remove(one)
            if not one[1].done():
                one[1].set_result(sight)

    async def when(self, matches: Callable[[Sight], bool], seconds: float) -> Sight | None:
        """The first sight from now on that matches; None if none does in so much time."""
        future: asyncio.Future[Sight] = asyncio.get_running_loop().create_future()
        self._waiting.append((matches, future))
        done, _ = await asyncio.wait([future], timeout=seconds)
        return future.result() if done else None

    async def leader_after(self, term: Term, seconds: float) -> Sight | None:
        """The next leader, of a later term than this."""
        return await self.when(lambda sight: sight.leads and sight.term > term, seconds)
