"""Who waits for a transaction to be over, so that the next one of its id can begin.

A producer of version 2 goes on as soon as the end of its transaction is decided (KIP-890): its next request comes while
the markers are being written, nearly every time. Here it waits for the moment in which the last of them is durable.

Lives here: those who wait. Must not live here: what a transaction is (txns), and who writes markers (`markers`).
"""

from __future__ import annotations

import asyncio


class Endings:
    """By transactional id. Used on the event loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    async def over(self, transactional_id: str, within_ms: float) -> None:
        """Returns when it is over, or when so much time has passed."""
        waiting: asyncio.Future[None] = self._loop.create_future()
        line = self._waiting.setdefault(transactional_id, [])
        line.append(waiting)
        timer = self._loop.call_later(within_ms / 1000, _wake, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            line.remove(waiting)
            if not line and self._waiting.get(transactional_id) is line:
                del self._waiting[transactional_id]

    def ended(self, transactional_id: str) -> None:
        """Wakes all who wait for it."""
        for waiting in self._waiting.get(transactional_id, ()):
            _wake(waiting)


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
