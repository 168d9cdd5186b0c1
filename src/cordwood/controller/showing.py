"""The shown image: it follows the committed one as soon as everybody concerned has followed.

      committed  ──41──42──44──────57────>
      shown      ──41──────────44──────57>     subscribers see 41 → 44, then 44 → 57

Lives here: the shown image, the subscribers, who waits for a revision. Must not live here: what is committed
(machine.py), and what subscribers do.

What was committed while subscribers were busy is one transition for them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from cordwood.metadata import Image
from cordwood.model.consensus_errors import GroupStopped

logger = logging.getLogger(__name__)


class Transition(NamedTuple):
    """From one image to the next that is shown."""

    before: Image
    after: Image


Subscriber = Callable[[Transition], Awaitable[None]]
"""Follows a transition. It must not wait for a proposal: nothing is shown before all subscribers are done."""


Shown = asyncio.Future[Exception | None]
"""The result is the first error of a subscriber on the way, if there was one."""


class _Waiter(NamedTuple):
    revision: int
    future: Shown


class _Stumble(NamedTuple):
    transition: Transition
    error: Exception


STUMBLES_REMEMBERED: Final = 16
"""Who asks for a revision late is told of so many errors of subscribers, the latest ones."""


class Showing:
    """The shown image of one node. Belongs to the event loop's thread."""

    def __init__(self, image: Image) -> None:
        self.image = image
        """Everything in it is committed, and every subscriber has followed it."""
        self._newest = image
        self._subscribers: list[Subscriber] = []
        self._waiters: list[_Waiter] = []
        self._stumbles: deque[_Stumble] = deque(maxlen=STUMBLES_REMEMBERED)
        self._following: asyncio.Task[None] | None = None

    def subscribe(self, subscriber: Subscriber) -> None:
        """Has a subscriber follow every transition from now on, before its image is shown.

        That includes one that others are following already: its image is not shown yet, and the subscriber has begun with
        the one that is.
        """
        self._subscribers.append(subscriber)

    def follow(self, image: Image) -> None:
        """There is a newer committed image."""
        self._newest = image
        if self._following is None:
            self._following = asyncio.get_running_loop().create_task(self._follow())

    def reached(self, revision: int) -> Shown:
        """Waits until an image of at least this revision is shown."""
        future: Shown = asyncio.get_running_loop().create_future()
        if self.image.revision >= revision:
            future.set_result(self._stumble_at(revision))
        else:
            self._waiters.append(_Waiter(revision, future))
        return future

    def close(self) -> None:
        """Nothing is shown any more, and who waits is told so."""
        if self._following is not None:
            self._following.cancel()
        self._tell(self._waiters, GroupStopped("it was closed"))

    async def _follow(self) -> None:
        try:
            while self.image is not self._newest:
                transition = Transition(self.image, self._newest)
                error = await self._tell_subscribers(transition)
                self.image = transition.after
                if error is not None:
                    self._stumbles.append(_Stumble(transition, error))
                self._tell_waiters(error)
        finally:
            self._following = None

    def _stumble_at(self, revision: int) -> Exception | None:
        """The error on the way to a revision that is shown."""
        for (before, after), error in self._stumbles:
            if before.revision < revision <= after.revision:
                return error
        return None

    async def _tell_subscribers(self, transition: Transition) -> Exception | None:
        """The first error of a subscriber: the change is in effect all the same, so the others follow it, too."""
        first: Exception | None = None
        for subscriber in self._subscribers:
            try:
                await subscriber(transition)
            except Exception as error:  # noqa: BLE001 - whatever it is, the image stands, and who waits is told
                logger.error("revision %d could not be followed: %s", transition.after.revision, error)
                first = first or error
        return first

    def _tell_waiters(self, error: Exception | None) -> None:
        ready = [waiter for waiter in self._waiters if waiter.revision <= self.image.revision]
        self._waiters = [waiter for waiter in self._waiters if waiter.revision > self.image.revision]
        self._tell(ready, error)

    def _tell(self, waiters: list[_Waiter], error: Exception | None) -> None:
        for waiter in waiters:
            if not waiter.future.done():  # Else whoever waited has gone.
                waiter.future.set_result(error)
