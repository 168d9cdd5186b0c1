"""Group commit: one worker writes for all, and one fdatasync serves everybody who waits.

      flush ──┐
      flush ──┼──> mailbox ──> gather ──> write all ──> one fdatasync ──> callbacks, in order ──> unlink what was purged
      flush ──┘       ^                       (meanwhile the next ones gather in the mailbox)

The worker does not wait for a flush that stands alone. Where it served several at once before, those callers are likely
to come back together, so it waits for as many, for `gather_ms` at most.

A caller who blocks (`wait`) does the worker's turn itself if nobody else is about to: that saves two switches of thread.
Where several come at once, the worker gathers them. `turn` is what the worker does, without a thread: a simulation calls it.

Lives here: who is told what. Must not live here: what is written where (wal.py).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cordwood.model.errors import CordwoodError, LogClosed, StorageFailed

if TYPE_CHECKING:
    from cordwood.env.background import Background, Worker
    from cordwood.env.clock import Clock
    from cordwood.raftlog.config import RaftLogConfig
    from cordwood.raftlog.wal import Wal

Callback: TypeAlias = Callable[["CordwoodError | None"], None]


class Waiter(NamedTuple):
    """Somebody who wants to be told when everything below `target` is durable; 0 where it need only be written."""

    target: int
    callback: Callback


class FlushWorker:
    """Writes and syncs one log. Its thread starts with the first callback and ends with `close`."""

    def __init__(self, wal: Wal, background: Background, clock: Clock, config: RaftLogConfig) -> None:
        self._wal = wal
        self._background = background
        self._clock = clock
        self._gather_seconds = config.gather_ms / 1000
        self._gather_max_items = config.gather_max_items
        self._mailbox: queue.SimpleQueue[Waiter | None] = queue.SimpleQueue()
        self._served = 1
        self._turn = threading.Lock()
        self._posting = threading.Lock()
        self._worker: Worker | None = None
        self._worker_id = 0
        self._closed = False
        self.unexpected: BaseException | None = None
        """What a callback raised last, for whoever watches; callbacks must not raise."""

    @property
    def has_work(self) -> bool:
        """Whether somebody waits for a turn."""
        return not self._mailbox.empty()

    def notify(self, target: int, callback: Callback) -> None:
        """Calls `callback` with None once everything below `target` is durable, or with the error.

        The callback runs in the worker's thread and must be short.
        """
        with self._posting:
            if self._closed:
                raise LogClosed(self._wal.path)
            if self._worker is None:
                self._worker = self._background.start("raftlog-flush", self._run)
            # Under the lock, so that nobody comes in behind the last one whom `close` has served.
            self._mailbox.put(Waiter(target, callback))

    def wait(self, target: int) -> None:
        """Returns when everything that was put is written and everything below `target` durable. Raises StorageFailed."""
        is_callback = threading.get_ident() == self._worker_id  # It cannot wait for its own thread.
        if (is_callback or self._served == 1) and self._turn.acquire(blocking=is_callback):
            try:
                error = self._work(target) or self._tidy()
            finally:
                self._turn.release()
        else:
            error = self._wait_for_worker(target)
        if error is not None:
            raise error

    def _wait_for_worker(self, target: int) -> CordwoodError | None:
        found: list[CordwoodError | None] = []
        done = threading.Lock()

        def tell(error: CordwoodError | None) -> None:
            found.append(error)
            done.release()

        with done:
            self.notify(target, tell)
            done.acquire()
        return found[0]

    def turn(self) -> None:
        """Serves everybody who waits now."""
        waiters: list[Waiter] = []
        self._take(waiters)
        self._serve(waiters)

    def close(self, target: int) -> None:
        """Serves everybody who asked and ends the thread; then everything is written, and durable below `target`.

        Raises StorageFailed, LogClosed when it was closed before.
        """
        with self._posting:
            if self._closed:
                raise LogClosed(self._wal.path)
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            self._mailbox.put(None)
            worker.join()
        with self._turn:
            error = self._work(target) or self._tidy()
        if error is not None:
            raise error

    # The thread.

    def _run(self) -> None:
        self._worker_id = threading.get_ident()
        is_open = True
        while is_open:
            first = self._mailbox.get()
            waiters = [] if first is None else [first]
            is_open = first is not None and self._take(waiters) and self._gather(waiters)
            self._served = len(waiters)
            self._serve(waiters)

    def _take(self, waiters: list[Waiter]) -> bool:
        """Empties the mailbox; False when `close` was called."""
        try:
            while (waiter := self._mailbox.get_nowait()) is not None:
                waiters.append(waiter)
        except queue.Empty:
            return True
        return False

    def _gather(self, waiters: list[Waiter]) -> bool:
        """Waits a little for as many as were served last; False when `close` was called."""
        wanted = min(self._served, self._gather_max_items)
        deadline = self._clock.monotonic() + self._gather_seconds if len(waiters) < wanted else 0.0
        while len(waiters) < wanted and (left := deadline - self._clock.monotonic()) > 0:
            try:
                waiter = self._mailbox.get(timeout=left)
            except queue.Empty:
                return True
            if waiter is None:
                return False
            waiters.append(waiter)
        return True

    # A turn.

    def _serve(self, waiters: list[Waiter]) -> None:
        if not waiters:
            return
        with self._turn:
            error = self._work(max(waiter.target for waiter in waiters))
        for waiter in waiters:
            try:
                waiter.callback(error)
            except Exception as unexpected:  # noqa: BLE001 - one bad callback must not end the durability of the log
                self.unexpected = unexpected
        with self._turn:
            self._tidy()

    def _work(self, target: int) -> CordwoodError | None:
        """Writes, and syncs if the target asks for it. Returns the failure, this one or an earlier one."""
        wal = self._wal
        if wal.failure is None:
            try:
                wal.write()
                if wal.synced < target:
                    wal.sync()
            except StorageFailed as error:
                wal.failure = error
            except Exception as unexpected:  # noqa: BLE001 - whatever it is, nobody must take it for success
                wal.failure = StorageFailed(wal.path, "flush", unexpected)
        return wal.failure

    def _tidy(self) -> CordwoodError | None:
        """Unlinks what was purged. Returns the failure, which ends the writing: the disk is broken."""
        wal = self._wal
        try:
            if wal.failure is None:
                wal.remove_retired()
        except StorageFailed as error:
            wal.failure = error
        return wal.failure


NewFlushWorker: TypeAlias = "Callable[[Wal, Background, Clock, RaftLogConfig], FlushWorker]"
"""Makes the worker of a log; a simulation makes one whose turns are steps of its loop."""
