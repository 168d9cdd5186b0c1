"""Which of many logs is compacted next, and the thread that does it.

      add ──> logs with their bounds ──> step: measure all, compact the filthiest that is due ──> step ...
                                               nothing is due: wait for `log.cleaner.backoff.ms`

Lives here: the choice (Kafka's: what must be compacted first, then the largest dirty part), the worker, who may stop it.
Must not live here: how a log is compacted (compactor.py).

| a compaction ends with    | then                                                                                       |
|---------------------------|--------------------------------------------------------------------------------------------|
| its end                   | the next log is chosen                                                                      |
| CompactionStopped         | its log was removed from the schedule, or cut, or the schedule closes: it is measured again |
| DiskFull, StorageFailed   | the failure is kept in `failures`; the log is left alone for the time of a backoff          |
| CorruptLog                | the failure is kept in `failures`; the log is left alone until it is added again            |
| LogClosed                 | the log is forgotten                                                                        |
"""

from __future__ import annotations

import threading
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.compaction.pace import CompactionStopped
from cordwood.log.compaction.tools import Tools
from cordwood.model.errors import CorruptLog, LogClosed, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.env.background import Background, Worker
    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk
    from cordwood.log.compaction.compactor import Compactor
    from cordwood.log.compaction.config import CleanerConfig
    from cordwood.log.compaction.plan import DirtyState
    from cordwood.log.log import Log
    from cordwood.model.errors import CordwoodError


REST_MS: Final = 10 * 60 * 1000
"""How long a log at rest of which some is dirty is left alone."""


class Entry(NamedTuple):
    """A log in the schedule."""

    compactor: Compactor
    upto: Callable[[], int]
    """Up to where it may be compacted: the high watermark, or the first offset of an undecided transaction."""


class CompactionSchedule:
    """Compacts logs in turn. `step` is called by one thread; the rest by any."""

    def __init__(self, background: Background, clock: Clock, disk: Disk, config: CleanerConfig) -> None:
        self._background = background
        self._clock = clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Condition()
        self._entries: dict[str, Entry] = {}
        self._left_alone: dict[str, float] = {}
        """By the path of a log that failed, until when (ms)."""
        self._not_woken_before: dict[str, int] = {}
        """By the path of a log that was measured, until when (ms) it is left alone if it rests."""
        self._current: Entry | None = None
        self._closing = False
        self._worker: Worker | None = None
        self._backoff_ms = config.backoff_ms
        self._wanted = config
        self.tools = Tools(config, disk=disk, clock=clock, stop=self._stop)
        """What the compactors of this schedule are made with; `tools.progress` are its counters."""
        self.failures: dict[str, CordwoodError] = {}
        """By the path of a log, why it was not compacted the last time."""

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, compactor: Compactor, upto: Callable[[], int]) -> None:
        """From now on this log is compacted when it is due. A log that was left alone gets another chance."""
        with self._lock:
            path = compactor.log.path
            self._entries[path] = Entry(compactor, upto)
            self._forgive(path)

    def remove(self, log: Log) -> None:
        """Forgets a log, before it is closed or deleted; returns when nobody works on it."""
        with self._lock:
            self._entries.pop(log.path, None)
            self._forgive(log.path)
            if self._current is not None and self._current.compactor.log is log:
                self._stop.set()
                self._lock.wait_for(lambda: self._current is None or self._current.compactor.log is not log)

    def reconfigure(self, config: CleanerConfig) -> None:
        """From the next log on, compaction takes so much of the machine; from now on it waits so long between looks."""
        self._wanted = config
        self._backoff_ms = config.backoff_ms
        self.nudge()

    def start(self) -> None:
        """Begins to work in a thread of its own."""
        self._worker = self._background.start("compaction", self._run)

    def nudge(self) -> None:
        """Ends the present backoff: something may be due."""
        self._wake.set()

    def close(self) -> None:
        """Stops between two batches, and returns when the thread has ended. The logs stay open."""
        with self._lock:
            self._closing = True
            self._stop.set()
        self._wake.set()
        if self._worker is not None:
            self._worker.join()

    def _run(self) -> None:
        while not self._closing:
            if not self.step():
                self._wake.wait(self._backoff_ms / 1000)
                self._wake.clear()

    def step(self) -> bool:
        """Compacts the log that needs it most, or tries to; False if none does."""
        self.tools.take(self._wanted)
        now = self._clock.now_ms()
        chosen = self._choose(now)
        if chosen is None or not self._begin(chosen):
            return False
        try:
            return self._compact(chosen, now)
        finally:
            self._end()

    def _choose(self, now: int) -> Entry | None:
        due: list[tuple[bool, float, Entry]] = []
        for entry in list(self._entries.values()):
            state = self._measured(entry, now)
            if state is not None and state.is_due(entry.compactor.config):
                due.append((state.must_compact, state.ratio, entry))
        return max(due, key=lambda one: one[:2])[2] if due else None

    def _measured(self, entry: Entry, now: int) -> DirtyState | None:
        path = entry.compactor.log.path
        if entry.compactor.log.is_closed:
            self._forget(entry)
            return None
        if now < self._left_alone.get(path, now) or self._is_left_at_rest(entry, now):
            return None
        try:
            return entry.compactor.measure(now, entry.upto())
        except (CorruptLog, StorageFailed) as error:
            self._fail(entry, now, error)
            return None

    def _is_left_at_rest(self, entry: Entry, now: int) -> bool:
        """A log at rest got nothing new. Where some of it is dirty it is woken, but seldom: only its age can make it due."""
        compactor = entry.compactor
        path = compactor.log.path
        rests = compactor.log.at_rest is not None
        if rests and (compactor.rests_clean or now < self._not_woken_before.get(path, now)):
            return True
        self._not_woken_before[path] = now + REST_MS
        return False

    def _begin(self, entry: Entry) -> bool:
        with self._lock:
            if self._closing or self._entries.get(entry.compactor.log.path) is not entry:
                return False
            self._current = entry
            self.tools.progress.path = entry.compactor.log.path
            return True

    def _end(self) -> None:
        with self._lock:
            self._current = None
            self.tools.progress.path = None
            if not self._closing:
                self._stop.clear()
            self._lock.notify_all()

    def _compact(self, entry: Entry, now: int) -> bool:
        try:
            entry.compactor.compact(now, entry.upto())
        except CompactionStopped:
            self.tools.progress.stops += 1
            return True
        except LogClosed:
            self._forget(entry)
            return True
        except (CorruptLog, StorageFailed) as error:
            self._fail(entry, now, error)
            return True
        self.tools.progress.compactions += 1
        self._forgive(entry.compactor.log.path)
        return True

    def _fail(self, entry: Entry, now: int, error: CordwoodError) -> None:
        self.tools.progress.failures += 1
        path = entry.compactor.log.path
        with self._lock:
            if self._entries.get(path) is entry:
                self.failures[path] = error
                self._left_alone[path] = inf if isinstance(error, CorruptLog) else now + max(self._backoff_ms, 1)

    def _forgive(self, path: str) -> None:
        self.failures.pop(path, None)
        self._left_alone.pop(path, None)
        self._not_woken_before.pop(path, None)

    def _forget(self, entry: Entry) -> None:
        with self._lock:
            if self._entries.get(entry.compactor.log.path) is entry:
                del self._entries[entry.compactor.log.path]
