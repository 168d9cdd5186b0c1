"""The clock that stands still."""

from __future__ import annotations

import pytest

from cordwood.sim.clock import SimClock


def test_time_passes_when_it_is_told_to():
    clock = SimClock(1000)
    assert (clock.now_ms(), clock.monotonic()) == (1000, 0.0)
    clock.advance(250)
    clock.advance(0)
    assert (clock.now_ms(), clock.monotonic()) == (1250, 0.25)


def test_time_does_not_go_back():
    with pytest.raises(AssertionError, match="does not go back by 1 ms"):
        SimClock().advance(-1)
