"""The machine's clock tells what the machine tells."""

from __future__ import annotations

import time

from cordwood.env.clock import Clock, SystemClock


def test_the_time_of_day_is_in_milliseconds():
    clock: Clock = SystemClock()
    before = time.time()
    now = clock.now_ms()
    assert int(before * 1000) <= now <= int(time.time() * 1000) + 1
    assert isinstance(now, int)


def test_time_passes_and_never_goes_back():
    clock: Clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)
    assert time.monotonic() >= readings[-1]
