"""What is there now or comes later is turned into what a handler owes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from cordwood.broker.later import gathered, then
from cordwood.model.errors import InvalidRequest

pytestmark = pytest.mark.asyncio


def context_here() -> Any:
    return SimpleNamespace(loop=asyncio.get_running_loop())


def respond(reply: Any) -> str:
    return f"response to {reply}"


async def test_what_is_there_is_passed_on_at_once():
    assert then(context_here(), "reply", respond) == "response to reply"


async def test_an_error_of_ours_is_a_reply_that_came_later():
    owed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    response: Any = then(context_here(), owed, respond)
    owed.set_exception(InvalidRequest("oh"))
    assert await response == "response to oh"


async def test_whoever_stops_an_answer_stops_the_response():
    owed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    response: Any = then(context_here(), owed, respond)
    owed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await response


async def test_a_coordinator_that_fails_by_itself_is_not_answered_for():
    owed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    response: Any = then(context_here(), owed, respond)
    owed.set_exception(ValueError("oh"))
    with pytest.raises(ValueError, match="oh"):
        await response


async def test_a_client_that_hangs_up_takes_nothing_back():
    owed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    response: Any = then(context_here(), owed, respond)
    response.cancel()
    owed.set_result("nobody listens")
    assert await owed == "nobody listens"


async def test_replies_are_gathered_in_their_order():
    context = context_here()
    assert gathered(context, ["a", "b"]) == ["a", "b"]
    owed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    all_of_them: Any = gathered(context, ["a", owed, "c"])
    owed.set_result("b")
    assert await all_of_them == ["a", "b", "c"]
