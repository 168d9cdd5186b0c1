"""Replies that are there now or come later, from whoever a handler asks.

Lives here: turning such a reply into another one. Must not live here: whom to ask, and what for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar

from cordwood.model.errors import CordwoodError

T = TypeVar("T")
Later: TypeAlias = T | asyncio.Future[T]
"""A response, or a future of it while something is owed."""


class OnLoop(Protocol):
    """What has an event loop, above all the `Context` of the handlers."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """On whose thread all of it happens."""
        ...


def then(context: OnLoop, reply: Later[Any], respond: Callable[[Any], T]) -> Later[T]:
    """What `respond` makes of a reply, at once or when it is there. A client that hangs up takes back nothing."""
    if not isinstance(reply, asyncio.Future):
        return respond(reply)
    response: asyncio.Future[T] = context.loop.create_future()

    def pass_on(done: asyncio.Future[Any]) -> None:
        if response.done():
            return
        if done.cancelled():
            response.cancel()
        elif (error := done.exception()) is None:
            response.set_result(respond(done.result()))
        elif isinstance(error, CordwoodError):
            response.set_result(respond(error))
        else:
            response.set_exception(error)

    reply.add_done_callback(pass_on)
    return response


def gathered(context: OnLoop, replies: list[Later[T]]) -> Later[list[T]]:
    """All of them, in their order, at once if none is owed."""
    if not any(isinstance(reply, asyncio.Future) for reply in replies):
        return [reply for reply in replies if not isinstance(reply, asyncio.Future)]

    async def wait() -> list[T]:
        return [await reply if isinstance(reply, asyncio.Future) else reply for reply in replies]

    return context.loop.create_task(wait())
