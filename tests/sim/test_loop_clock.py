"""A machine's clock drifts and can be set; time passed never goes back."""

from __future__ import annotations

from cordwood.sim.loop_clock import LoopClock


def test_it_goes_with_the_loop(rig):
    clock = LoopClock(rig.loop)
    before = clock.now_ms()
    rig.pass_time(10)
    assert clock.now_ms() - before == 10_000
    assert clock.monotonic() == rig.loop.time()


def test_it_drifts(rig):
    fast, slow = LoopClock(rig.loop, 1_000), LoopClock(rig.loop, -1_000)
    rig.pass_time(100)
    assert fast.monotonic() > rig.loop.time() + 0.09
    assert slow.monotonic() < rig.loop.time() - 0.09


def test_only_the_time_of_day_is_set(rig):
    clock = LoopClock(rig.loop)
    day, passed = clock.now_ms(), clock.monotonic()
    clock.set_by(-5_000)
    assert clock.now_ms() == day - 5_000
    assert clock.monotonic() == passed
