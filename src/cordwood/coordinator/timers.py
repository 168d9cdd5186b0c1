"""Timers that are set far more often than they fire.

Every heartbeat sets its member's session timer anew. That is one write into a dictionary here: the event loop is told of
a key once, and when the loop comes back with it and the key was set to later meanwhile, it is told again.

Lives here: keys and when they are due. Must not live here: what happens then.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from typing import TypeAlias

from cordwood.model.decision import TimerKey

Fire: TypeAlias = Callable[[TimerKey], None]


class Timers:
    """The timers of one shard."""

    __slots__ = ("_due", "_fire", "_handles", "_loop")

    def __init__(self, loop: AbstractEventLoop, fire: Fire) -> None:
        self._loop = loop
        self._fire = fire
        self._due: dict[TimerKey, float] = {}
        self._handles: dict[TimerKey, TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: TimerKey, delay_ms: int) -> None:
        """Fires the key in so many milliseconds, in place of whenever it was to fire."""
        due = self._loop.time() + delay_ms / 1000
        self._due[key] = due
        handle = self._handles.get(key)
        if handle is None:
            self._handles[key] = self._loop.call_at(due, self._wake, key)
        elif handle.when() > due:
            handle.cancel()
            self._handles[key] = self._loop.call_at(due, self._wake, key)

    def cancel(self, key: TimerKey) -> None:
        """Takes the key away; one that is not set is no error."""
        if self._due.pop(key, None) is not None:
            self._handles.pop(key).cancel()

    def clear(self) -> None:
        """Takes all away."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()
        self._due.clear()

    def _wake(self, key: TimerKey) -> None:
        due = self._due[key]
        # The loop may be early by the resolution of its clock; a millisecond of a session is nothing.
        if due - self._loop.time() > 0.001:
            self._handles[key] = self._loop.call_at(due, self._wake, key)
            return
        del self._due[key], self._handles[key]
        self._fire(key)
