"""The pace: breaths, throttle, stop, by a clock that is moved."""

from __future__ import annotations

import pytest

from cordwood.log.compaction.pace import BREATH_S, PATIENCE_S, STRETCH_S, CompactionStopped, Pace
from cordwood.sim.clock import SimClock
from tests.log.compaction.workshop import Stopper


class Sleeper(Stopper):
    """Time passes while somebody waits."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def wait(self, timeout):
        self.clock.advance(round(timeout * 1000))
        return super().wait(timeout)


@pytest.fixture
def clock():
    return SimClock()


@pytest.fixture
def sleeper(clock):
    return Sleeper(clock)


def test_it_breathes_after_a_stretch_and_not_before(clock, sleeper):
    pace = Pace(clock, sleeper)
    pace.breathe()
    assert not sleeper.waits
    clock.advance(int(STRETCH_S * 1000))
    pace.breathe()
    pace.breathe()
    assert sleeper.waits == [BREATH_S]
    clock.advance(5)
    pace.rest()
    pace.rest()
    assert sleeper.waits == [BREATH_S, BREATH_S]


def test_it_moves_no_more_bytes_than_it_may(clock, sleeper):
    pace = Pace(clock, sleeper, 1_000_000)
    began = clock.monotonic()
    for _ in range(200):
        pace.moved(10_000)
    assert clock.monotonic() - began == pytest.approx(2.0, abs=2 * PATIENCE_S)
    assert pace.throttled_s == pytest.approx(2.0, abs=2 * PATIENCE_S)
    assert len([wait for wait in sleeper.waits if wait >= PATIENCE_S]) < 110


def test_time_without_work_is_not_made_up_for(clock, sleeper):
    pace = Pace(clock, sleeper, 1_000_000)
    clock.advance(60_000)
    pace.moved(1_000_000)
    assert pace.throttled_s == pytest.approx(1.0, abs=2 * PATIENCE_S)


def test_without_a_rate_nobody_waits(clock, sleeper):
    pace = Pace(clock, sleeper)
    pace.moved(1 << 40)
    assert not sleeper.waits


def test_a_stop_is_noticed_everywhere(clock, sleeper):
    pace = Pace(clock, sleeper, 1_000_000)
    pace.check()
    sleeper.stops_after = 0
    with pytest.raises(CompactionStopped):
        pace.check()
    with pytest.raises(CompactionStopped):
        pace.moved(1)
    clock.advance(10)
    with pytest.raises(CompactionStopped):
        pace.breathe()
    clock.advance(10)
    pace.rest()
    sleeper.waits.clear()
    sleeper.stops_after = 1
    with pytest.raises(CompactionStopped):
        pace.moved(1_000_000)
