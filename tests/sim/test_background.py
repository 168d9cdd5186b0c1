"""Background work that is done when it is told to."""

from __future__ import annotations

from functools import partial

import pytest

from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk


def test_work_waits_and_then_is_done_in_order():
    background = SimBackground()
    done: list[int] = []

    def work(number: int) -> int:
        done.append(number)
        return number

    futures = [background.submit(partial(work, number)) for number in range(3)]
    assert not done
    assert len(background) == 3
    assert background.run() == 3
    assert done == [0, 1, 2]
    assert [future.result(0) for future in futures] == [0, 1, 2]


def test_work_may_make_more_work():
    background = SimBackground()
    done = []
    background.submit(lambda: background.submit(lambda: done.append("second")))
    background.close()
    assert done == ["second"]


def test_an_error_is_for_whoever_waits():
    background = SimBackground()
    future = background.submit(lambda: 1 // 0)
    background.run()
    with pytest.raises(ZeroDivisionError):
        future.result(0)


def test_a_worker_works_once_when_it_is_waited_for():
    background = SimBackground()
    done = []
    worker = background.start("flusher", lambda: done.append("work"))
    assert not done
    worker.join()
    worker.join(1.0)
    assert done == ["work"]


def test_the_flusher_serves_all_who_wait_when_it_is_closed():
    background, clock, told = SimBackground(), SimClock(), []
    flusher = Flusher(background, clock)
    log = Log.open("/sim/a", disk=SimDisk(), clock=clock, flusher=flusher)
    log.append(b"x")
    flusher.notify(log, log.end_offset, told.append)
    flusher.close()
    assert told == [None]
