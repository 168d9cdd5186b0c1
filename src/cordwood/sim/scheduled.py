"""What a node does in threads, as steps of the simulated loop.

Lives here: the background and the flushers of one simulated process. Must not live here: what is done there.

Work begins a seeded while after it was asked for, each piece for itself, so that two pieces may overtake each other as
they do in a pool of threads. A worker that blocks for its orders (`start`) does all of its work when it is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from cordwood.log.flusher import Due, Flusher, Waiter
from cordwood.model.errors import LogClosed
from cordwood.raftlog.flusher import FlushWorker
from cordwood.sim.background import SimBackground, SimWorker

if TYPE_CHECKING:
    from cordwood.env.background import Background
    from cordwood.env.clock import Clock
    from cordwood.env.dice import Dice
    from cordwood.raftlog.config import RaftLogConfig
    from cordwood.raftlog.flusher import Callback
    from cordwood.raftlog.wal import Wal
    from cordwood.sim.loop import SimLoop

T = TypeVar("T")

WORK_US: Final = 2_000
"""A piece of work begins after at most so many microseconds."""

SYNC_US: Final = 4_000
"""As long at most as a device takes to sync a file."""

_MICROSECONDS: Final = 1_000_000


class ScheduledBackground:
    """Background work as steps of the loop. It belongs to the process that asks for it."""

    def __init__(self, loop: SimLoop, dice: Dice) -> None:
        self._loop = loop
        self._dice = dice
        self._pieces: dict[int, SimBackground] = {}
        self._number = 0
        self._closed = False

    def submit(self, work: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self._number += 1
        piece = self._pieces[self._number] = SimBackground()
        future = piece.submit(work)
        self._loop.call_later(self._dice.below(WORK_US) / _MICROSECONDS, self._run, self._number)
        return future

    def _run(self, number: int) -> None:
        piece = self._pieces.pop(number, None)
        if piece is not None:
            piece.run()

    def start(self, name: str, work: Callable[[], None]) -> SimWorker:
        return SimWorker(work)

    def close(self) -> None:
        self._closed = True
        while self._pieces:
            self._run(next(iter(self._pieces)))


class ScheduledFlusher(Flusher):
    """Group commit in steps: one sync at a time, each a seeded while after the one before."""

    def __init__(self, background: Background, clock: Clock, loop: SimLoop, dice: Dice) -> None:
        super().__init__(background, clock)
        self._loop = loop
        self._dice = dice
        self._turn_at: float | None = None

    def _post(self, item: Waiter | Due) -> None:
        if self._closed:
            raise LogClosed(item.log.path)
        self._queue.add(item)
        self._arrange()

    def _arrange(self) -> None:
        """Sees to it that the next turn comes when somebody waits, or when the next log is due."""
        now = self._clock.monotonic()
        if self._queue.collect(now):
            delay = self._dice.below(SYNC_US) / _MICROSECONDS
        elif (due := self._queue.next_due()) is not None:
            delay = due - now
        else:
            return
        at = self._loop.time() + delay
        if self._turn_at is None or at < self._turn_at:
            self._turn_at = at
            self._loop.call_at(at, self._turn, at)

    def _turn(self, at: float) -> None:
        if at != self._turn_at:
            return  # An earlier turn took its place.
        self._turn_at = None
        for log in self._queue.collect(self._clock.monotonic())[:1]:
            self._sync(log)
        self._arrange()

    def close(self) -> None:
        """Serves everything that was asked for."""
        self._closed = True
        while logs := self._queue.collect(float("inf")):
            self._sync(logs[0])


class ScheduledFlushWorker(FlushWorker):
    """The flush worker of one raft log in steps: whoever comes before its turn shares it. `close` serves the rest."""

    def __init__(
        self, wal: Wal, background: Background, clock: Clock, config: RaftLogConfig, *, loop: SimLoop, dice: Dice
    ) -> None:
        super().__init__(wal, background, clock, config)
        self._loop = loop
        self._dice = dice
        self._is_due = False

    def notify(self, target: int, callback: Callback) -> None:
        super().notify(target, callback)
        if not self._is_due:
            self._is_due = True
            self._loop.call_later(self._dice.below(SYNC_US) / _MICROSECONDS, self._come)

    def _come(self) -> None:
        self._is_due = False
        self.turn()
