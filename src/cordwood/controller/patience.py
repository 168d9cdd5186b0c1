"""How long to wait before the group is asked once more.

Lives here: the pause between two attempts. Must not live here: what is attempted, and when to give up.
"""

from __future__ import annotations

import asyncio
from typing import Final

FIRST_PAUSE_S: Final = 0.02
LONGEST_PAUSE_S: Final = 0.25


class Patience:
    """Pauses that end early when another leader is heard of."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news: asyncio.Future[None] = loop.create_future()
        self.trouble = "nothing has answered yet"
        """What the last pause was for, for people."""

    def end_pauses(self) -> None:
        """There is a reason to try again at once."""
        self._news.set_result(None)
        self._news = self._loop.create_future()

    async def pause(self, attempts: int, trouble: Exception) -> None:
        """Waits, the longer the more attempts have failed."""
        self.trouble = str(trouble)
        seconds = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempts, 10))
        await asyncio.wait([self._news], timeout=seconds)
