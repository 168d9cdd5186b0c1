"""Group commit: who is told what, by turns without a thread, and with the thread around them."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.model.errors import LogClosed, StorageFailed
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.flusher import FlushWorker
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock

FAILURE = StorageFailed("wal", "fdatasync", OSError())


class FakeWal:
    """A wal that notes what is asked of it, and syncs when it is let."""

    def __init__(self):
        self.path = "fake"
        self.done = []
        self.end = 0
        self.synced = 0
        self.failure = None
        self.error = None
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Event()

    def write(self):
        self.done.append("write")

    def sync(self):
        self.began.set()
        end = self.end
        assert self.gate.wait(10)
        self.done.append("sync")
        if self.error is not None:
            raise self.error
        self.synced = end

    def remove_retired(self):
        self.done.append("remove")
        return 0


class Told:
    """Collects what the callbacks are told."""

    def __init__(self):
        self.said = []
        self.changed = threading.Condition()

    def note(self, name):
        def callback(error):
            with self.changed:
                self.said.append((name, error))
                self.changed.notify_all()

        return callback

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.said) >= count, timeout=10)
        return self.said


@pytest.fixture
def wal():
    return FakeWal()


@pytest.fixture
def turns(wal):
    return FlushWorker(wal, SimBackground(), SimClock(), RaftLogConfig())


@pytest.fixture
def told():
    return Told()


def test_one_sync_serves_everybody_in_the_order_they_came(wal, turns, told):
    wal.end = 30
    for target in (10, 30, 20):
        turns.notify(target, told.note(target))
    assert turns.has_work
    assert told.said == []
    turns.turn()
    assert told.said == [(10, None), (30, None), (20, None)]
    assert wal.done == ["write", "sync", "remove"]
    assert wal.done.count("sync") == 1
    assert not turns.has_work


def test_what_is_durable_already_costs_no_sync(wal, turns, told):
    wal.synced = wal.end = 30
    turns.notify(30, told.note("commit"))
    turns.notify(0, told.note("written"))
    turns.turn()
    assert told.said == [("commit", None), ("written", None)]
    assert wal.done == ["write", "remove"]
    assert wal.done.count("sync") == 0


def test_callbacks_come_before_old_files_go(wal, turns):
    wal.end = 1
    turns.notify(1, lambda error: wal.done.append("callback"))
    turns.turn()
    assert wal.done == ["write", "sync", "callback", "remove"]


def test_a_turn_without_a_wish_does_nothing(wal, turns):
    turns.turn()
    assert wal.done == []


def test_a_failure_is_told_to_all_and_stays(wal, turns, told):
    wal.end, wal.error = 10, FAILURE
    turns.notify(10, told.note(1))
    turns.notify(0, told.note(2))
    turns.turn()
    assert told.said == [(1, FAILURE), (2, FAILURE)]
    wal.error = None
    turns.notify(10, told.note(3))
    turns.turn()
    assert told.said[2:] == [(3, FAILURE)]
    assert wal.done == ["write", "sync"], "nothing is tried again"
    with pytest.raises(StorageFailed) as raised:
        turns.wait(10)
    assert raised.value is FAILURE


def test_whatever_goes_wrong_is_not_taken_for_success(wal, turns, told):
    wal.end, wal.error = 10, ZeroDivisionError("a mistake of ours")
    turns.notify(10, told.note(1))
    turns.turn()
    ((_, error),) = told.said
    assert isinstance(error, StorageFailed)
    assert wal.failure is error


def test_a_failure_to_unlink_ends_the_writing(wal, turns, told):
    def remove_retired():
        raise FAILURE

    wal.end, wal.remove_retired = 10, remove_retired
    turns.notify(10, told.note(1))
    turns.turn()
    assert told.said == [(1, None)], "it is durable all the same"
    assert wal.failure is FAILURE


def test_a_bad_callback_harms_nobody_else(wal, turns, told):
    mistake = ZeroDivisionError()

    def bad(error):
        raise mistake

    turns.notify(0, bad)
    turns.notify(0, told.note("good"))
    turns.turn()
    assert told.said == [("good", None)]
    assert turns.unexpected is mistake


def test_who_waits_does_the_work_itself(wal, turns):
    wal.end = 10
    turns.wait(10)
    assert wal.done == ["write", "sync", "remove"]
    turns.wait(10)
    assert wal.done[3:] == ["write", "remove"], "it was synced already"


def test_close_serves_who_asked_and_takes_no_more(wal, turns, told):
    wal.end = 10
    turns.notify(5, told.note(1))
    turns.close(10)
    assert told.said == [(1, None)]
    assert wal.synced == 10
    with pytest.raises(LogClosed):
        turns.notify(10, told.note(2))
    with pytest.raises(LogClosed):
        turns.close(10)


def test_close_raises_what_went_wrong(wal, turns):
    wal.end, wal.error = 10, FAILURE
    with pytest.raises(StorageFailed) as raised:
        turns.close(10)
    assert raised.value is FAILURE


# The thread.


@pytest.fixture
def worker(wal):
    background = Threads(pool_size=1)
    worker = FlushWorker(wal, background, SystemClock(), RaftLogConfig(gather_ms=1000))
    yield worker
    wal.gate.set()
    with suppress(LogClosed, StorageFailed):
        worker.close(0)
    background.close()


def test_those_who_come_during_a_sync_share_the_next(wal, worker, told):
    wal.end = 100
    wal.gate.clear()
    worker.notify(1, told.note(0))
    assert wal.began.wait(10)
    for number in range(1, 21):
        worker.notify(100 + number, told.note(number))
    wal.end = 200
    wal.gate.set()
    assert [name for name, _ in told.wait_for(21)] == list(range(21))
    assert wal.done.count("sync") == 2


def test_it_waits_for_as_many_as_came_together_before(wal, worker, told):
    wal.end = 100
    wal.gate.clear()
    worker.notify(1, told.note(0))
    assert wal.began.wait(10)
    for number in range(1, 4):
        worker.notify(101, told.note(number))
    wal.end = 101
    wal.gate.set()
    told.wait_for(4)
    wal.end = 110
    for number in range(4, 7):
        worker.notify(110, told.note(number))
    told.wait_for(7)
    assert wal.done.count("sync") == 3, "the three came one by one, and had one sync"


def test_one_alone_does_not_wait(wal, worker, told):
    for number in range(3):
        wal.end += 1
        worker.notify(wal.end, told.note(number))
        told.wait_for(number + 1)
    assert wal.done.count("sync") == 3


def test_it_waits_no_longer_than_it_may(wal, told):
    background = Threads(pool_size=1)
    worker = FlushWorker(wal, background, SystemClock(), RaftLogConfig(gather_ms=1))
    wal.end = 100
    wal.gate.clear()
    worker.notify(1, told.note(0))
    assert wal.began.wait(10)
    worker.notify(100, told.note(1))
    worker.notify(100, told.note(2))
    wal.gate.set()
    told.wait_for(3)
    wal.end = 200
    worker.notify(200, told.note(3))
    told.wait_for(4)
    worker.close(0)
    background.close()


def test_closing_ends_the_gathering(wal, worker, told):
    wal.end = 100
    wal.gate.clear()
    worker.notify(1, told.note(0))
    assert wal.began.wait(10)
    worker.notify(100, told.note(1))
    worker.notify(100, told.note(2))
    wal.gate.set()
    told.wait_for(3)
    wal.end = 200
    worker.notify(200, told.note(3))
    worker.close(0)
    assert told.said[3:] == [(3, None)]


def test_those_who_wait_at_once_are_gathered_by_the_worker(wal, worker):
    wal.end = 100
    wal.gate.clear()
    threads = [threading.Thread(target=worker.wait, args=(100,)) for _ in range(8)]
    threads[0].start()
    assert wal.began.wait(10)
    for thread in threads[1:]:
        thread.start()
    wal.gate.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert wal.synced == 100
    assert wal.done.count("sync") == 1


def test_those_who_wait_hear_of_the_failure(wal, worker):
    wal.end, wal.error = 100, FAILURE
    wal.gate.clear()
    heard = []

    def wait():
        try:
            worker.wait(100)
        except StorageFailed as error:
            heard.append(error)

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    wal.gate.set()
    for thread in threads:
        thread.join(10)
    assert heard == [FAILURE] * 4


def test_a_callback_may_wait(wal, worker, told):
    wal.end = 100
    wal.gate.clear()
    worker.notify(1, told.note(0))
    assert wal.began.wait(10)

    def wait(error):
        wal.end = 200
        worker.wait(200)
        told.note("waited")(error)

    worker.notify(100, wait)
    worker.notify(100, told.note("after"))
    wal.gate.set()
    assert [name for name, _ in told.wait_for(3)] == [0, "waited", "after"]
    assert wal.synced == 200
