"""Group commit: who is told what, decided without a thread, and the threads around it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.log.flusher import HELPERS, Due, Flusher, FlushQueue, Waiter
from cordwood.model.errors import LogClosed, StorageFailed

FAILURE = StorageFailed("log", "fdatasync", OSError())


class Together:
    """A gate that opens when so many stand before it."""

    def __init__(self, barrier):
        self._barrier = barrier

    def wait(self, timeout):
        return self._barrier.wait(timeout) >= 0


class FakeLog:
    """A log that syncs when it is let."""

    def __init__(self):
        self.path = "fake"
        self.end_offset = 0
        self.synced_offset = 0
        self.syncs = 0
        self.checkpoints = 0
        self.error = None
        self.gate: Any = threading.Event()
        self.gate.set()
        self.began = threading.Event()

    def sync(self, offset=None):
        self.began.set()
        end = self.end_offset
        assert self.gate.wait(10)
        self.syncs += 1
        if self.error is not None:
            raise self.error
        self.synced_offset = end

    def checkpoint(self):
        self.checkpoints += 1
        if self.error is not None:
            raise self.error


class Told:
    """Collects what the callbacks are told."""

    def __init__(self):
        self.said = []
        self.changed = threading.Condition()

    def __call__(self, error):
        with self.changed:
            self.said.append(error)
            self.changed.notify_all()

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.said) >= count, timeout=10)
        return self.said


@pytest.fixture
def flusher():
    background = Threads()
    flusher = Flusher(background, SystemClock())
    yield flusher
    flusher.close()
    background.close()


def test_one_sync_of_a_log_serves_all_of_its_waiters():
    queue, log, told = FlushQueue(), FakeLog(), Told()
    waiters = [Waiter(log, offset, told) for offset in (3, 1, 2)]
    for waiter in waiters:
        queue.add(waiter)
    assert queue.collect(0.0) == [log]
    assert queue.complete(log, 2) == [waiters[1], waiters[2]]
    assert queue.collect(0.0) == [log]
    assert queue.complete(log, 3) == [waiters[0]]
    assert not len(queue)


def test_a_log_is_due_when_its_time_has_come():
    queue, log = FlushQueue(), FakeLog()
    queue.add(Due(log, 5.0))
    queue.add(Due(log, 7.0))
    assert queue.next_due() == 5.0
    assert queue.collect(4.9) == []
    assert queue.collect(5.0) == [log]
    assert queue.complete(log, 0) == []
    assert queue.next_due() is None


def test_a_failed_log_tells_all_and_is_forgotten():
    queue, log, other = FlushQueue(), FakeLog(), FakeLog()
    waiter = Waiter(log, 5, Told())
    queue.add(waiter)
    queue.add(Due(log, 0.0))
    queue.add(Due(other, 0.0))
    assert queue.fail(log) == [waiter]
    assert queue.collect(1.0) == [other]


def test_the_thread_tells_when_it_is_durable(flusher):
    log, told = FakeLog(), Told()
    log.end_offset = 5
    flusher.notify(log, 5, told)
    assert told.wait_for(1) == [None]
    assert log.synced_offset == 5


def test_who_comes_during_a_sync_is_served_by_the_next_one(flusher):
    log, told = FakeLog(), Told()
    log.gate.clear()
    log.end_offset = 1
    flusher.notify(log, 1, told)
    assert log.began.wait(10)
    log.end_offset = 50
    for offset in range(2, 51):
        flusher.notify(log, offset, told)
    log.gate.set()
    assert told.wait_for(50) == [None] * 50
    assert log.syncs == 2


def test_a_failure_is_told_to_those_it_concerns(flusher):
    log, other, told, other_told = FakeLog(), FakeLog(), Told(), Told()
    log.error = FAILURE
    log.end_offset = other.end_offset = 5
    log.synced_offset = 3
    log.gate.clear()
    for offset in (4, 3):
        flusher.notify(log, offset, told)
    log.gate.set()
    flusher.notify(other, 5, other_told)
    assert sorted(told.wait_for(2), key=str) == [None, FAILURE]
    assert other_told.wait_for(1) == [None]


def test_an_error_nobody_foresaw_is_a_failure_of_the_storage(flusher):
    log, told = FakeLog(), Told()
    log.error = ZeroDivisionError("a mistake")
    flusher.notify(log, 5, told)
    assert isinstance(told.wait_for(1)[0], StorageFailed)


def test_a_callback_that_raises_does_not_end_the_thread(flusher):
    log, told = FakeLog(), Told()
    log.end_offset = 2
    flusher.notify(log, 1, lambda error: 1 / 0)
    flusher.notify(log, 2, told)
    assert told.wait_for(1) == [None]
    assert isinstance(flusher.unexpected, ZeroDivisionError)


def test_waiting_syncs_in_the_thread_that_waits(flusher):
    log = FakeLog()
    log.end_offset = 5
    flusher.wait(log, 5)
    assert log.synced_offset == 5
    log.error = FAILURE
    with pytest.raises(StorageFailed):
        flusher.wait(log, 6)


def test_an_interval_is_kept_without_anybody_asking(flusher):
    log = FakeLog()
    log.gate.clear()
    flusher.sync_within(log, 1)
    assert log.began.wait(10)
    log.gate.set()


def test_a_long_interval_does_not_keep_a_waiter_waiting(flusher):
    log, told = FakeLog(), Told()
    flusher.sync_within(FakeLog(), 3_600_000)
    log.end_offset = 1
    flusher.notify(log, 1, told)
    assert told.wait_for(1) == [None]


def test_close_serves_what_was_asked_for():
    background = Threads()
    flusher = Flusher(background, SystemClock())
    log, due, told = FakeLog(), FakeLog(), Told()
    log.end_offset = 1
    flusher.sync_within(due, 3_600_000)
    flusher.notify(log, 1, told)
    flusher.close()
    assert told.said == [None]
    assert due.syncs == 1
    with pytest.raises(LogClosed):
        flusher.notify(log, 1, told)
    background.close()


def test_several_logs_are_synced_at_once(flusher):
    first, told = FakeLog(), Told()
    first.gate.clear()
    first.end_offset = 1
    flusher.notify(first, 1, told)
    assert first.began.wait(10)
    logs = [FakeLog() for _ in range(HELPERS + 3)]
    together = threading.Barrier(HELPERS + 1)
    for log in logs[: HELPERS + 1]:
        log.gate = Together(together)
    for log in logs:
        log.end_offset = 1
        flusher.notify(log, 1, told)
    first.gate.set()
    assert told.wait_for(1 + len(logs)) == [None] * (1 + len(logs))
    assert [log.syncs for log in logs] == [1] * len(logs)


def test_a_failure_among_several_is_told_to_those_it_concerns(flusher):
    first, good, bad = FakeLog(), Told(), Told()
    first.gate.clear()
    first.end_offset = 1
    flusher.notify(first, 1, good)
    assert first.began.wait(10)
    for told, error in ((good, None), (bad, FAILURE), (good, None)):
        log = FakeLog()
        log.end_offset, log.error = 1, error
        flusher.notify(log, 1, told)
    first.gate.set()
    assert good.wait_for(3) == [None] * 3
    assert bad.wait_for(1) == [FAILURE]


@pytest.mark.parametrize("error", [None, FAILURE, LogClosed("x")])
def test_settling_checkpoints_in_the_background(error):
    background = Threads()
    flusher = Flusher(background, SystemClock())
    log = FakeLog()
    log.error = error
    flusher.settle(log)
    background.close()
    assert log.checkpoints == 1
    flusher.close()
