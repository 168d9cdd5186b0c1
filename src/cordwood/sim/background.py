"""Background work without threads: it is done when the simulation says so.

Lives here: the simulated `Background`. Must not live here: what is done there.

Short work waits in a queue until `run`. A worker, which waits for its orders by blocking, cannot run beside a single
thread: it runs in `join`, when its orders to finish have been given and it no longer blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class SimWorker:
    """A worker that does all of its work when it is waited for."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work: Callable[[], None] | None = work

    def join(self, timeout: float | None = None) -> None:
        work, self._work = self._work, None
        if work is not None:
            work()


class SimBackground:
    """A queue of work, done by `run` in the order in which it came."""

    def __init__(self) -> None:
        self._queue: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def carry_out() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - as threads do: whoever waits for the future gets it
                future.set_exception(error)

        self._queue.append(carry_out)
        return future

    def start(self, name: str, work: Callable[[], None]) -> SimWorker:
        return SimWorker(work)

    def run(self) -> int:
        """Does what is in the queue, and what comes in meanwhile; returns how much it was."""
        count = 0
        while self._queue:
            self._queue.popleft()()
            count += 1
        return count

    def close(self) -> None:
        self.run()
