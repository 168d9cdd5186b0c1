"""Ctrl-C and SIGTERM as a question that is asked between two pieces of work, not in their midst.

Lives here: the signal handlers. Must not live here: what a command does when it is asked to stop.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody asked. Who asks twice is not kept waiting: KeyboardInterrupt is raised at once."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """What a signal does."""
        again, self.is_asked = self.is_asked, True
        if again:
            raise KeyboardInterrupt


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A Stop that signals ask while the context lasts; outside the main thread, where there are none, nobody does."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = [signal.signal(number, stop.ask) for number in SIGNALS]
    try:
        yield stop
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
