"""Background work: the only door to threads.

Lives here: the `Background` Protocol and the real threads. Must not live here: what is done there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")


class Worker(Protocol):
    """A long-running piece of background work."""

    def join(self, timeout: float | None = None) -> None:
        """Waits until the work has returned, `timeout` seconds at most."""
        ...


class Background(Protocol):
    """Carries out work beside the caller."""

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Runs a short piece of blocking work; the future completes in the background thread."""
        ...

    def start(self, name: str, work: Callable[[], None]) -> Worker:
        """Starts a worker that runs until it returns by itself."""
        ...

    def close(self) -> None:
        """Waits for the submitted work; takes no more."""
        ...


class Threads:
    """Real threads: a bounded pool for short work and one thread for each worker."""

    def __init__(self, pool_size: int = 4) -> None:
        self._pool = ThreadPoolExecutor(max_workers=pool_size, thread_name_prefix="cordwood-disk")

    def submit(self, work: Callable[[], T]) -> Future[T]:
        return self._pool.submit(work)

    def start(self, name: str, work: Callable[[], None]) -> Worker:
        thread = threading.Thread(target=work, name=f"cordwood-{name}", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        self._pool.shutdown(wait=True)
