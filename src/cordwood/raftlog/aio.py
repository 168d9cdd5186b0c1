"""Flushes to be awaited in an event loop.

      flushes = Flushes(log)
      log.append(entries)
      await flushes.flush()

Lives here: the way from the worker's thread to the loop: one wake-up for all flushes that a sync served. Must not live
here: what a flush does (flusher.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cordwood.model.errors import CordwoodError
    from cordwood.raftlog.raft_log import RaftLog


class Flushes:
    """The flushes of one log, for the tasks of one running event loop."""

    def __init__(self, log: RaftLog[Any, Any, Any, Any]) -> None:
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._done: deque[tuple[asyncio.Future[None], CordwoodError | None]] = deque()
        self._is_waking = False

    async def flush(self, *, sync: bool = True) -> None:
        """Returns when everything so far is written, and durable if `sync`. Raises StorageFailed, LogClosed.

        A task that is cancelled meanwhile no longer waits; what it put is written all the same.
        """
        future: asyncio.Future[None] = self._loop.create_future()
        self._log.flush(sync=sync, callback=partial(self._note, future))
        await future

    def _note(self, future: asyncio.Future[None], error: CordwoodError | None) -> None:
        """In the worker's thread."""
        self._done.append((future, error))
        if not self._is_waking:
            self._is_waking = True
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        # In this order: what is noted from here on either is told now or wakes the loop again.
        self._is_waking = False
        while self._done:
            future, error = self._done.popleft()
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
