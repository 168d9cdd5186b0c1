"""Tokens come back at the quota, up to a burst, and a debt is waited for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.broker.quotas.token_bucket import TokenBucket
from cordwood.broker.quotas.usage import Windows


def test_the_example_of_the_kip():
    """KIP-599: a quota of 5, 100 windows of a second, a burst of 560: twelve seconds."""
    bucket = TokenBucket(Windows(100, 1.0), 7.0)
    assert bucket.tokens(5, 7.0) == 500
    bucket.take(560, 5, 7.0)
    assert bucket.wait_s(5, 7.0) == pytest.approx(12)
    assert bucket.wait_s(5, 18.0) == pytest.approx(1)
    assert not bucket.wait_s(5, 19.0)


def test_it_is_never_fuller_than_its_burst():
    bucket = TokenBucket(Windows(2, 1.0), 0.0)
    bucket.take(3, 5, 0.0)
    assert bucket.tokens(5, 100.0) == 10


def test_a_quota_that_sinks_takes_what_is_over_the_new_burst():
    bucket = TokenBucket(Windows(2, 1.0), 0.0)
    assert bucket.tokens(100, 0.0) == 200
    assert bucket.tokens(1, 0.0) == 2


@settings(max_examples=100)
@given(st.floats(0.1, 50), st.lists(st.tuples(st.floats(0, 20), st.integers(1, 90)), max_size=50))
def test_nobody_gets_more_than_the_quota_the_burst_and_one_request(rate, wishes):
    windows = Windows(11, 1.0)
    bucket, now, taken = TokenBucket(windows, 0.0), 0.0, []
    for pause, amount in wishes:
        now += pause + bucket.wait_s(rate, now) * (1 + 1e-9)
        bucket.take(amount, rate, now)
        taken.append(amount)
        assert sum(taken) <= rate * (now + 11.0) + amount + 1e-6
