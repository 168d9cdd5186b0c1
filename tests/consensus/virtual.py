"""Time that passes when a test says so: an event loop without threads, and lives that can end in the middle of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class VirtualLoop:
    """As much of an event loop as a driver needs. Calls are made by time, then in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._calls: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._count = 0
        self.after_each: Callable[[], None] = lambda: None
        """Called after each call."""

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: object = None) -> None:
        self._count += 1
        heappush(self._calls, (self.now + delay, self._count, callback, args))

    def call_soon(self, callback: Callable[..., object], *args: Any, context: object = None) -> None:
        self.call_later(0, callback, *args)

    call_soon_threadsafe = call_soon

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Nobody asked a future how it came out: tests need not."""

    def step(self) -> bool:
        """Makes the next call; False if there is none."""
        if not self._calls:
            return False
        self.now, _, callback, args = heappop(self._calls)
        callback(*args)
        self.after_each()
        return True

    def run(self, seconds: float) -> None:
        """Lets so much time pass."""
        end = self.now + seconds
        while self._calls and self._calls[0][0] <= end:
            self.step()
        self.now = end

    def run_until(self, holds: Callable[[], object], seconds: float = 20.0) -> None:
        """Lets time pass until something holds."""
        end = self.now + seconds
        while not holds():
            assert self.now < end, f"it did not come to hold within {seconds} s: {holds}"
            assert self.step(), "nothing can happen any more"


class Life:
    """One process: its calls are made for as long as it lives."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.is_over = False

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: object = None) -> None:
        def call() -> None:
            if not self.is_over:
                callback(*args)

        self._loop.call_later(delay, call)

    def call_soon(self, callback: Callable[..., object], *args: Any, context: object = None) -> None:
        self.call_later(0, callback, *args)

    call_soon_threadsafe = call_soon

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    get_debug = VirtualLoop.get_debug
    call_exception_handler = VirtualLoop.call_exception_handler
