"""Counts are plain numbers by API, and a latency falls into one bucket."""

from __future__ import annotations

import pytest

from cordwood.observe.requests import LATENCY_BOUNDS_SECONDS, RequestCounts


@pytest.mark.parametrize(("seconds", "bucket"), [(0.0, 0), (0.0005, 0), (0.0006, 1), (5.0, 12), (60.0, 13)])
def test_each_latency_falls_into_one_bucket(seconds: float, bucket: int) -> None:
    counts = RequestCounts().of("Fetch")
    counts.took(seconds)
    expected = [0] * (len(LATENCY_BOUNDS_SECONDS) + 1)
    expected[bucket] = 1
    assert counts.latency_buckets == expected
    assert counts.latency_sum_seconds == seconds


def test_an_api_keeps_its_counts() -> None:
    counts = RequestCounts()
    counts.of("Produce").requests += 2
    assert counts.of("Produce").requests == 2
    assert counts.snapshot().keys() == {"Produce"}
