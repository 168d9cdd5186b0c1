"""Requests that wait for their answer: each has a number, a future and a deadline.

Lives here: that table, within its bounds. Must not live here: what is asked, and why it fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from cordwood.model.consensus_errors import NotTaken
from cordwood.model.errors import CordwoodError


class _Waiter(NamedTuple):
    future: asyncio.Future[Any]
    size: int
    deadline: int


class Pending:
    """A table of requests in the order of their numbers, which begin with 1. All have the same patience."""

    def __init__(self, create_future: Callable[[], asyncio.Future[Any]], max_items: int, max_bytes: int) -> None:
        self._create_future = create_future
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._waiters: dict[int, _Waiter] = {}
        self.size_bytes = 0
        self.last = 0
        """The newest number."""

    def __len__(self) -> int:
        return len(self._waiters)

    def add(self, size: int, deadline: int) -> asyncio.Future[Any]:
        """Notes a request of so many bytes under the next number, `last`. Raises NotTaken where there is no room."""
        if len(self._waiters) >= self._max_items or self.size_bytes + size > self._max_bytes:
            raise NotTaken(f"{len(self._waiters)} requests of {self.size_bytes} bytes wait already: slow down")
        self.last += 1
        future = self._create_future()
        self._waiters[self.last] = _Waiter(future, size, deadline)
        self.size_bytes += size
        return future

    def complete(self, number: int, value: object) -> None:
        """Answers a request, if it still waits."""
        waiter = self._take(number)
        if waiter and not waiter.future.done():
            waiter.future.set_result(value)

    def fail(self, number: int, error: CordwoodError) -> None:
        """Fails a request, if it still waits."""
        waiter = self._take(number)
        if waiter and not waiter.future.done():
            waiter.future.set_exception(error)

    def complete_upto(self, number: int, value: object) -> None:
        """Answers all requests up to and including this number."""
        for one in self._upto(number):
            self.complete(one, value)

    def fail_upto(self, number: int, error: Callable[[], CordwoodError]) -> None:
        """Fails all requests up to and including this number, each with an error of its own."""
        for one in self._upto(number):
            self.fail(one, error())

    def expire(self, now: int, error: Callable[[], CordwoodError]) -> None:
        """Fails the requests whose deadline has come."""
        due = 0
        for number, waiter in self._waiters.items():
            if waiter.deadline > now:
                break
            due = number
        self.fail_upto(due, error)

    def _upto(self, number: int) -> list[int]:
        found = []
        for one in self._waiters:
            if one > number:
                break
            found.append(one)
        return found

    def _take(self, number: int) -> _Waiter | None:
        waiter = self._waiters.pop(number, None)
        if waiter:
            self.size_bytes -= waiter.size
        return waiter
