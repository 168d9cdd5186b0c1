"""Whoever waits for the end of a transaction is woken by it, or by the time."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.coordinator.endings import Endings

pytestmark = pytest.mark.asyncio

LONG_MS = 60_000


async def waiting_for(endings: Endings, *ids: str) -> list[asyncio.Task[None]]:
    tasks = [asyncio.ensure_future(endings.over(one, LONG_MS)) for one in ids]
    await asyncio.sleep(0)  # Each begins to wait in its first step.
    assert len(endings) == len(set(ids))
    return tasks


async def test_all_who_wait_for_an_id_are_woken_and_no_others():
    endings = Endings(asyncio.get_running_loop())
    first, second, other = await waiting_for(endings, "a", "a", "b")
    endings.ended("a")
    await asyncio.gather(first, second)
    assert not other.done()
    endings.ended("b")
    await other
    assert len(endings) == 0


async def test_time_passes():
    endings = Endings(asyncio.get_running_loop())
    await endings.over("a", 0)
    assert len(endings) == 0


async def test_an_end_that_nobody_waits_for():
    endings = Endings(asyncio.get_running_loop())
    endings.ended("a")
    assert len(endings) == 0


async def test_whoever_gives_up_is_forgotten():
    endings = Endings(asyncio.get_running_loop())
    gives_up, stays = await waiting_for(endings, "a", "a")
    gives_up.cancel()
    await asyncio.gather(gives_up, return_exceptions=True)
    assert not stays.done()
    endings.ended("a")
    await stays
    assert len(endings) == 0
