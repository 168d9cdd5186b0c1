"""A client is held to its quota over every span of time, and nobody waits for longer than that takes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.broker.quotas.usage import Usage, Windows

KAFKAS = Windows(11, 1.0)
BEGIN = 12_345.678


def saturate(windows: Windows, rate: float, sizes: list[float], seconds: float) -> list[tuple[float, float]]:
    """When a client that always wants more may use how much: it asks again as soon as it has waited."""
    usage, now, taken = Usage(windows, BEGIN), BEGIN, []
    while now < BEGIN + seconds:
        size = sizes[len(taken) % len(sizes)]
        usage.take(size, now)
        taken.append((now, size))
        now += max(usage.wait_s(rate, now), 0.001)
    return taken


def between(taken: list[tuple[float, float]], start: float, end: float) -> float:
    return sum(size for at, size in taken if start <= at < end)


@pytest.mark.parametrize("size", [10, 100, 1_000])
def test_who_always_wants_more_gets_the_quota_in_the_first_ten_seconds_and_in_all_others(size):
    taken = saturate(KAFKAS, 1_000, [size], 60)
    for start in range(50):
        got = between(taken, BEGIN + start, BEGIN + start + 10)
        assert 9_000 <= got <= 10_000 + size, start


def test_a_request_larger_than_the_quota_of_a_window_is_paid_for_in_full():
    usage = Usage(KAFKAS, BEGIN)
    usage.take(50_000, BEGIN)
    assert usage.wait_s(1_000, BEGIN) == pytest.approx(50)


def test_who_is_within_the_quota_does_not_wait():
    usage = Usage(KAFKAS, BEGIN)
    for number in range(200):
        now = BEGIN + number / 10
        usage.take(90, now)
        assert not usage.wait_s(1_000, now)


def test_what_is_left_is_what_may_be_taken():
    usage = Usage(KAFKAS, BEGIN)
    assert usage.left(1_000, BEGIN) == 1_000, "the worth of one window"
    usage.take(400, BEGIN)
    assert usage.left(1_000, BEGIN) == 600
    assert usage.left(1_000, BEGIN + 5) == 4_600
    usage.take(4_600, BEGIN + 5)
    assert not usage.wait_s(1_000, BEGIN + 5)
    usage.take(1, BEGIN + 5)
    assert usage.wait_s(1_000, BEGIN + 5) == pytest.approx(0.001)


def test_time_before_the_first_use_is_no_credit_and_silence_is_forgotten():
    usage = Usage(KAFKAS, BEGIN)
    assert usage.left(1_000, BEGIN + 30) == 1_000
    usage.take(500, BEGIN + 30)
    assert usage.used(BEGIN + 40) == 500
    assert usage.used(BEGIN + 40.125) == 0
    assert usage.left(1_000, BEGIN + 100) == 1_000


def test_a_burst_out_of_silence_waits_until_it_has_left_the_window():
    usage = Usage(KAFKAS, BEGIN)
    usage.take(1, BEGIN)
    usage.take(9_000, BEGIN + 9)
    usage.take(1_500, BEGIN + 9.5)
    wait_s = usage.wait_s(1_000, BEGIN + 9.5)
    assert 9.5 <= wait_s <= 9.625, "Kafka says one second, and would let it be over for another nine"


@pytest.mark.parametrize("windows", [Windows(2, 0.1), Windows(11, 1.0), Windows(1_000, 60.0), Windows(1, 1.0)])
def test_what_is_remembered_does_not_grow_with_the_windows(windows):
    usage = Usage(windows, BEGIN)
    for number in range(3_000):
        usage.take(1.0, BEGIN + number * windows.span_s / 1_000)
    assert len(usage._slots) == 81
    assert 1_000 <= usage.used(BEGIN + 3 * windows.span_s) <= 1_013


def test_one_window_is_enough():
    windows = Windows(1, 2.0)
    assert windows.span_s == 2.0
    taken = saturate(windows, 100, [10], 20)
    for start in range(18):
        assert between(taken, BEGIN + start, BEGIN + start + 2) <= 210


SIZES = st.lists(st.floats(0.01, 20), min_size=1, max_size=6)
PAUSES = st.lists(st.sampled_from([0.0, 0.0, 0.001, 0.2, 1.0, 3.7, 12.0]), min_size=20, max_size=120)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 12), st.floats(0.5, 3), st.floats(0.5, 50), SIZES, PAUSES)
def test_no_span_of_time_has_more_than_its_quota_and_one_request(count, size_s, rate, sizes, pauses):
    """Also for who saves up and bursts. The burst bound is one request, or one window's worth where that is more."""
    windows = Windows(count, size_s)
    usage, now, taken = Usage(windows, BEGIN), BEGIN, []
    for number, pause in enumerate(pauses):
        size = sizes[number % len(sizes)]
        usage.take(size, now)
        taken.append((now, size))
        now += usage.wait_s(rate, now) + 1e-9 + pause
    most = rate * windows.span_s + max(sizes)
    for first, (start, _) in enumerate(taken):
        within = [amount for at, amount in taken[first:] if at < start + windows.span_s]
        assert sum(within) <= most * (1 + 1e-9)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.5, 50), SIZES, PAUSES)
def test_after_the_wait_it_is_within_the_quota_and_not_before(rate, sizes, pauses):
    usage, now = Usage(KAFKAS, BEGIN), BEGIN
    for number, pause in enumerate(pauses):
        usage.take(sizes[number % len(sizes)], now)
        wait_s = usage.wait_s(rate, now)
        excess = -usage.left(rate, now)
        assert (wait_s > 0) == (excess > 0)
        if wait_s:
            assert wait_s >= excess / rate * (1 - 1e-9), "Kafka's wait is the shortest"
            assert usage.left(rate, now + wait_s + 1e-6) >= -1e-6
        now += wait_s + pause + 1e-6


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 9)), max_size=60))
def test_what_was_used_is_the_sum_of_what_is_in_the_window(uses):
    """Against the obvious: a list of everything."""
    usage, now, everything = Usage(KAFKAS, BEGIN), BEGIN, []
    for pause, amount in uses:
        now += pause
        usage.take(amount, now)
        everything.append((now, amount))
        inside = sum(amount for at, amount in everything if at > now - KAFKAS.span_s)
        around = sum(amount for at, amount in everything if at > now - KAFKAS.span_s - 2 * KAFKAS.slot_s)
        assert inside - 1e-9 <= usage.used(now) <= around + 1e-9
    assert all(one[0] <= other[0] for one, other in pairwise(everything))
