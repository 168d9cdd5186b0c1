"""A program that runs on a host of the simulation, and to which everything belongs that it schedules.

The process is found through a context variable: asyncio hands the context on from a callback to all that it schedules
and from a task to its children, so that whatever a node's code starts carries the node's process without knowing it.

Lives here: who runs, and since when it does not. Must not live here: when something runs (`loop`), and what.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import TypeVar

T = TypeVar("T")


class Process:
    """One life of a program: it ends with `alive = False` and does not begin again."""

    __slots__ = ("alive", "context", "drift_ppm", "host", "name", "paused_until_us")

    def __init__(self, host: str, name: str, drift_ppm: int = 0) -> None:
        self.host = host
        """The name of the host that it runs on."""
        self.name = name
        self.alive = True
        self.drift_ppm = drift_ppm
        """Its timers run so many millionths too fast (or too slow, if negative)."""
        self.paused_until_us = 0
        """Until then nothing of it runs (microseconds of the loop)."""
        self.context = Context()
        """What arrives from outside is run in this context."""
        self.context.run(_PROCESS.set, self)

    def __repr__(self) -> str:
        return f"<{self.name} on {self.host}{'' if self.alive else ', dead'}>"

    def call(self, work: Callable[[], T]) -> T:
        """Runs `work` as a part of this process: whatever it schedules is this process's too."""
        return self.context.copy().run(work)


_PROCESS: ContextVar[Process | None] = ContextVar("cordwood.sim.process", default=None)


def current_process() -> Process | None:
    """Whose code is running; None for the simulation itself."""
    return _PROCESS.get()


def process_of(context: Context | None) -> Process | None:
    """Whose code runs in a context; in the current one without any."""
    return _PROCESS.get() if context is None else context.get(_PROCESS)
