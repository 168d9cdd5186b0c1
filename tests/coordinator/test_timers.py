"""Timers fire when they are due, however often they were set before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cordwood.coordinator.timers import Timers


class Handle:
    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self._when = when
        self.call = call
        self.cancelled = False

    def when(self) -> float:
        return self._when

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """A loop's clock and its timers, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[Handle] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[..., None], *args: Any) -> Handle:
        handle = Handle(when, lambda: callback(*args))
        self.calls.append(handle)
        return handle

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [handle for handle in self.calls if handle.when() <= self.now]
        self.calls = [handle for handle in self.calls if handle.when() > self.now]
        for handle in due:
            if not handle.cancelled:
                handle.call()


def timers_on(loop: Loop) -> tuple[Timers, list[tuple[str, ...]]]:
    fired: list[tuple[str, ...]] = []
    return Timers(loop, fired.append), fired  # type: ignore[arg-type]  # it has what Timers asks of a loop


def test_a_timer_fires_once():
    loop = Loop()
    timers, fired = timers_on(loop)
    timers.set(("a",), 1_000)
    loop.advance(0.9)
    assert not fired
    loop.advance(0.2)
    loop.advance(5)
    assert fired == [("a",)]
    assert len(timers) == 0


def test_setting_it_later_tells_the_loop_nothing():
    loop = Loop()
    timers, fired = timers_on(loop)
    timers.set(("a",), 1_000)
    for _ in range(9):
        loop.advance(0.1)
        timers.set(("a",), 1_000)
    assert len(loop.calls) == 1
    loop.advance(0.5)
    assert not fired
    loop.advance(0.5)
    assert fired == [("a",)]


def test_setting_it_earlier_fires_earlier():
    loop = Loop()
    timers, fired = timers_on(loop)
    timers.set(("a",), 1_000)
    timers.set(("a",), 100)
    loop.advance(0.2)
    assert fired == [("a",)]
    loop.advance(2)
    assert fired == [("a",)]


def test_what_is_taken_away_does_not_fire():
    loop = Loop()
    timers, fired = timers_on(loop)
    timers.set(("a",), 100)
    timers.set(("b",), 100)
    timers.set(("c",), 100)
    timers.cancel(("a",))
    timers.cancel(("a",))
    loop.advance(0.05)
    timers.clear()
    timers.set(("c",), 100)
    loop.advance(0.06)
    assert not fired
    loop.advance(0.06)
    assert fired == [("c",)]


def test_a_timer_may_set_itself_again():
    loop = Loop()
    fired: list[float] = []

    def fire(key: tuple[str, ...]) -> None:
        fired.append(loop.now)
        timers.set(key, 1_000)

    timers = Timers(loop, fire)  # type: ignore[arg-type]  # it has what Timers asks of a loop
    timers.set(("a",), 1_000)
    for _ in range(3):
        loop.advance(1)
    assert fired == [1.0, 2.0, 3.0]


@pytest.mark.asyncio
async def test_it_keeps_the_time_of_a_real_loop() -> None:
    fired = asyncio.Event()
    timers = Timers(asyncio.get_running_loop(), lambda key: fired.set())
    timers.set(("a",), 1)
    await asyncio.wait_for(fired.wait(), 10)
