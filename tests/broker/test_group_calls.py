"""What a coordinator replies, now or later, becomes a response."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from cordwood.broker.group_calls import ask
from cordwood.model.group_errors import UnknownMember


def context_of(loop: asyncio.AbstractEventLoop, reply: Any) -> Any:
    """A broker whose coordinator replies this, or raises it."""

    def run(group: str, command: Any) -> Any:
        if isinstance(reply, Exception):
            raise reply
        return reply

    return SimpleNamespace(loop=loop, groups=SimpleNamespace(run=run))


pytestmark = pytest.mark.asyncio

COMMAND: Any = SimpleNamespace(group="g")


def respond(reply: Any) -> str:
    return f"response to {reply}"


async def test_what_is_there_is_answered_at_once():
    loop = asyncio.get_running_loop()
    assert ask(context_of(loop, "reply"), COMMAND, respond) == "response to reply"


async def test_an_error_of_the_coordinator_is_a_reply():
    loop = asyncio.get_running_loop()
    error = UnknownMember("g", "m")
    assert ask(context_of(loop, error), COMMAND, respond) == f"response to {error}"


async def test_what_is_owed_is_answered_later():
    loop = asyncio.get_running_loop()
    owed: asyncio.Future[str] = loop.create_future()
    response: Any = ask(context_of(loop, owed), COMMAND, respond)
    assert not response.done()
    owed.set_result("late reply")
    assert await response == "response to late reply"
