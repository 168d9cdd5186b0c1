"""Group commit: a few background threads sync many logs, and one fdatasync of a log serves all who wait for it.

      append, notify ──┐
      append, notify ──┼──> mailbox ──> collect ─┬─> sync log A ─┬─> complete: run the callbacks
      append, notify ──┘        ^                └─> sync log B ─┘
                                │            (meanwhile the next ones gather in the mailbox)
                                └── logs under `interval` whose time has come

Syncs of several files at once cost a file system hardly more than one, since they share a commit of its journal: where
several logs are collected, helpers take their part of them. A single log is synced without any.

`FlushQueue` is the core that decides which log is synced next and who is told; it has no thread, no clock and no lock,
so a simulation can drive it. `Flusher` is the threads around it.

Lives here: who waits for which offset. Must not live here: how a log syncs (durability.py).
"""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from cordwood.model.errors import CordwoodError, LogClosed, StorageFailed

if TYPE_CHECKING:
    from cordwood.env.background import Background, Worker
    from cordwood.env.clock import Clock

Callback: TypeAlias = Callable[["CordwoodError | None"], None]

HELPERS: Final = 7
"""The most threads that sync beside the flusher's own."""


class Syncable(Protocol):
    """What the flusher needs of a log."""

    @property
    def path(self) -> str:
        """Names the log in errors."""
        ...

    @property
    def synced_offset(self) -> int:
        """All records below this offset are on the device."""
        ...

    def sync(self, offset: int | None = None) -> None:
        """Syncs up to `offset`, or all. Raises StorageFailed, LogClosed."""
        ...

    def checkpoint(self) -> None:
        """Syncs all and moves the recovery point. Raises StorageFailed, LogClosed."""
        ...


class Waiter(NamedTuple):
    """Somebody who wants to be told when `log` is synced up to `offset`."""

    log: Syncable
    offset: int
    callback: Callback


class Due(NamedTuple):
    """A log to be synced no later than `at` (monotonic seconds), for nobody in particular."""

    log: Syncable
    at: float


class Attempt(NamedTuple):
    """A sync that was tried, and what came of it."""

    log: Syncable
    error: CordwoodError | None


class FlushQueue:
    """Who waits for what. Used by one thread."""

    def __init__(self) -> None:
        self._waiting: dict[Syncable, list[Waiter]] = {}
        self._due: dict[Syncable, float] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._due)

    def add(self, item: Waiter | Due) -> None:
        """Takes a wish."""
        match item:
            case Waiter():
                self._waiting.setdefault(item.log, []).append(item)
            case Due():
                self._due[item.log] = min(item.at, self._due.get(item.log, item.at))

    def collect(self, now: float) -> list[Syncable]:
        """The logs to sync now: those that somebody waits for, and those whose time has come."""
        logs = dict.fromkeys(self._waiting)
        logs.update((log, None) for log, at in self._due.items() if at <= now)
        return list(logs)

    def next_due(self) -> float | None:
        """When the next log is due, in monotonic seconds."""
        return min(self._due.values(), default=None)

    def complete(self, log: Syncable, synced_offset: int) -> list[Waiter]:
        """The log is synced up to there: those to tell so."""
        self._due.pop(log, None)
        waiters = self._waiting.pop(log, [])
        later = [waiter for waiter in waiters if waiter.offset > synced_offset]
        if later:
            self._waiting[log] = later
        return [waiter for waiter in waiters if waiter.offset <= synced_offset]

    def fail(self, log: Syncable) -> list[Waiter]:
        """The log will not be synced any more: those to tell so."""
        self._due.pop(log, None)
        return self._waiting.pop(log, [])


class Flusher:
    """The threads that sync. The first starts with the first wish, helpers where they are needed; all end with `close`."""

    def __init__(self, background: Background, clock: Clock) -> None:
        self._background = background
        self._clock = clock
        self._mailbox: queue.SimpleQueue[Waiter | Due | None] = queue.SimpleQueue()
        self._queue = FlushQueue()
        self._starting = threading.Lock()
        self._worker: Worker | None = None
        self._helpers: list[Worker] = []
        self._shared: queue.SimpleQueue[Syncable | None] = queue.SimpleQueue()
        """Logs that any of the threads may sync next; None ends a helper."""
        self._helped: queue.SimpleQueue[Attempt] = queue.SimpleQueue()
        """What helpers have done."""
        self._closed = False
        self.unexpected: BaseException | None = None
        """What a callback raised last, for whoever watches; callbacks must not raise."""

    @property
    def background(self) -> Background:
        """Where short pieces of blocking work are done."""
        return self._background

    def notify(self, log: Syncable, offset: int, callback: Callback) -> None:
        """Calls `callback` with None once everything below `offset` is on the device, or with the error.

        The callback runs in one of the flusher's threads and must be short.
        """
        self._post(Waiter(log, offset, callback))

    def wait(self, log: Syncable, offset: int) -> None:
        """Returns when everything below `offset` is on the device. Raises StorageFailed, LogClosed.

        The waiting thread does the sync itself, or waits for the one that another thread is doing: the log lets one
        through at a time, and who comes later finds its work done. That saves the two switches of thread, which cost
        as much as half an fdatasync.
        """
        log.sync(offset)

    def sync_within(self, log: Syncable, delay_ms: int) -> None:
        """Syncs the log within so many milliseconds, or as soon as somebody waits for it."""
        self._post(Due(log, self._clock.monotonic() + delay_ms / 1000))

    def settle(self, log: Syncable) -> None:
        """Checkpoints the log in the background; the log notes a failure itself and tells it to the next writer.

        One that nobody holds any more by then needs none.
        """
        waiting = weakref.ref(log)
        self._background.submit(lambda: _checkpoint(waiting()))

    def close(self) -> None:
        """Serves everything that was asked for, then ends the threads."""
        with self._starting:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            self._mailbox.put(None)
            worker.join()

    def _post(self, item: Waiter | Due) -> None:
        if self._worker is None:
            self._start(item)
        self._mailbox.put(item)

    def _start(self, item: Waiter | Due) -> None:
        with self._starting:
            if self._closed:
                raise LogClosed(item.log.path)
            if self._worker is None:
                self._worker = self._background.start("flusher", self._run)

    def _run(self) -> None:
        is_open = True
        while is_open or len(self._queue):
            is_open = self._receive(block=is_open) and is_open
            now = self._clock.monotonic() if is_open else float("inf")
            self._sync_all(self._queue.collect(now))
        for _ in self._helpers:
            self._shared.put(None)
        for helper in self._helpers:
            helper.join()

    def _receive(self, *, block: bool) -> bool:
        """Empties the mailbox, waiting for the first wish if there is nothing to do; False when `close` was called."""
        try:
            item = self._mailbox.get(timeout=self._patience()) if block else self._mailbox.get_nowait()
            while item is not None:
                self._queue.add(item)
                item = self._mailbox.get_nowait()
        except queue.Empty:
            return True
        return False

    def _patience(self) -> float | None:
        now = self._clock.monotonic()
        if self._queue.collect(now):
            return 0.0
        due = self._queue.next_due()
        return None if due is None else due - now

    def _sync_all(self, logs: list[Syncable]) -> None:
        """Syncs all, then tells those who waited for them: whoever hears it together asks for more together."""
        for log in logs[1:]:
            self._shared.put(log)
        while len(self._helpers) < min(len(logs) - 1, HELPERS):
            self._helpers.append(self._background.start("flush-helper", self._help))
        synced = [_attempt(logs[0])] if logs else []
        while (shared := self._next_shared()) is not None:
            synced.append(_attempt(shared))
        while len(synced) < len(logs):
            synced.append(self._helped.get())
        for attempt in synced:
            self._finish(attempt)

    def _next_shared(self) -> Syncable | None:
        try:
            return self._shared.get_nowait()
        except queue.Empty:
            return None

    def _help(self) -> None:
        while (log := self._shared.get()) is not None:
            self._helped.put(_attempt(log))

    def _sync(self, log: Syncable) -> None:
        self._finish(_attempt(log))

    def _finish(self, attempt: Attempt) -> None:
        log, error = attempt
        self._tell(self._queue.complete(log, log.synced_offset), None)
        if error is not None:
            self._tell(self._queue.fail(log), error)

    def _tell(self, waiters: list[Waiter], error: CordwoodError | None) -> None:
        for waiter in waiters:
            try:
                waiter.callback(error)
            except Exception as unexpected:  # noqa: BLE001 - one bad callback must not end the durability of all logs.
                self.unexpected = unexpected


def _attempt(log: Syncable) -> Attempt:
    try:
        log.sync()
    except CordwoodError as failure:
        return Attempt(log, failure)
    except Exception as unexpected:  # noqa: BLE001 - whatever it is, it must not end the durability of other logs
        return Attempt(log, StorageFailed(log.path, "sync", unexpected))
    return Attempt(log, None)


def _checkpoint(log: Syncable | None) -> None:
    if log is None:
        return
    try:
        log.checkpoint()
    except (StorageFailed, LogClosed):
        return  # The log keeps its failure for its next writer; a closed one was checkpointed by its close.
