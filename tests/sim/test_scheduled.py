"""Threads' work as steps: later, in the process that asked, and group commit with it."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.model.errors import LogClosed
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.raft_log import RaftLog
from cordwood.sim.disk import SimDisk
from cordwood.sim.loop_clock import LoopClock
from cordwood.sim.process import current_process
from cordwood.sim.scheduled import ScheduledBackground, ScheduledFlusher, ScheduledFlushWorker


@pytest.fixture
def background(rig):
    return ScheduledBackground(rig.loop, SeededDice(1))


@pytest.fixture
def flusher(rig, background):
    return ScheduledFlusher(background, LoopClock(rig.loop), rig.loop, SeededDice(2))


@pytest.fixture
def log(rig, flusher):
    return Log.open("/a", LogConfig(), disk=SimDisk(), clock=LoopClock(rig.loop), flusher=flusher)


def test_work_is_done_later_and_in_its_process(rig, background):
    async def ask():
        future = background.submit(current_process)
        assert not future.done()
        return await asyncio.wrap_future(future)

    assert rig.run(rig.a, ask) is rig.a
    assert rig.loop.time() > 0


def test_two_pieces_may_overtake_each_other(rig, background):
    done: list[int] = []
    for number in range(20):
        background.submit(lambda number=number: done.append(number))
    rig.pass_time(1)
    assert sorted(done) == list(range(20))
    assert done != list(range(20))


def test_work_of_the_dead_is_not_done(rig, background):
    done = []
    rig.a.call(lambda: background.submit(lambda: done.append(1)))
    rig.kill(rig.a)
    rig.pass_time(1)
    assert not done


def test_close_does_what_was_asked_for_and_takes_no_more(rig, background):
    done = []
    background.submit(lambda: done.append(1))
    background.close()
    rig.pass_time(1)
    assert done == [1]
    with pytest.raises(RuntimeError, match="shutdown"):
        background.submit(lambda: None)


def test_cancelled_work_is_not_done(rig, background):
    done = []
    assert background.submit(lambda: done.append(1)).cancel()
    rig.pass_time(1)
    assert not done
    assert not rig.loop.unhandled


def test_one_sync_serves_all_who_wait(rig, flusher, log):
    told = []
    for _ in range(3):
        log.append(b"x")
        flusher.notify(log, log.end_offset, told.append)
    assert not told
    rig.pass_time(1)
    assert told == [None] * 3
    assert log.synced_offset == 3


class Syncable:
    """Notes when it is synced."""

    path = "/x"
    synced_offset = 0

    def __init__(self, rig):
        self.rig = rig
        self.synced_at = []

    def sync(self, offset=None):
        self.synced_at.append(round(self.rig.loop.time(), 2))


def test_a_log_is_synced_when_it_is_due(rig, flusher):
    log = Syncable(rig)
    flusher.sync_within(log, 5_000)
    flusher.sync_within(log, 3_000)
    rig.pass_time(10)
    assert log.synced_at == [3.0]


def test_closing_the_flusher_serves_everybody(rig, flusher, log):
    told = []
    log.append(b"x")
    flusher.notify(log, 1, told.append)
    flusher.sync_within(log, 5_000)
    flusher.close()
    assert told == [None]
    with pytest.raises(LogClosed):
        flusher.notify(log, 1, told.append)


@pytest.fixture
def raft_log(rig, background):
    worker = partial(ScheduledFlushWorker, loop=rig.loop, dice=SeededDice(3))
    clock = LoopClock(rig.loop)
    return RaftLog.open("/r", TEXTS, disk=SimDisk(), background=background, clock=clock, new_flusher=worker)


def test_flushes_of_a_raft_log_share_a_turn_that_comes_later(rig, raft_log):
    told = []
    for index in range(3):
        raft_log.append([((1, index), "x")])
        raft_log.flush(callback=told.append)
    assert not told
    rig.pass_time(1)
    assert told == [None] * 3
    assert raft_log.stat().syncs == 1
    raft_log.save_vote((2, 1))
    raft_log.flush(callback=told.append)
    rig.pass_time(1)
    assert len(told) == 4


def test_who_is_dead_flushes_no_raft_log(rig, raft_log):
    told = []
    raft_log.append([((1, 0), "x")])
    rig.a.call(lambda: raft_log.flush(callback=told.append))
    rig.kill(rig.a)
    rig.pass_time(1)
    assert not told


def test_closing_a_raft_log_serves_who_waits(rig, raft_log):
    told = []
    raft_log.append([((1, 0), "x")])
    raft_log.flush(callback=told.append)
    raft_log.close()
    assert told == [None]
    rig.pass_time(1)
    assert told == [None]
