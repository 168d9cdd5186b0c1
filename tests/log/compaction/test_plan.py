"""What is dirty, and when it is time."""

from __future__ import annotations

import pytest

from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.compaction.plan import DirtyState, measure
from cordwood.log.config import LogConfig
from tests.log.compaction.workshop import Workshop


@pytest.fixture
def shop():
    """Five segments of two batches; the timestamps grow by 100 with each segment; the last one is active."""
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=300))
    for number in range(10):
        shop.append((b"k", b"v" * 60), timestamp_ms=1000 + number // 2 * 100)
    assert [segment.base_offset for segment in shop.log.segments] == [0, 2, 4, 6, 8]
    return shop


def measured(shop, first_dirty=0, upto=100, now_ms=10_000, **config):
    return measure(shop.log.segments, first_dirty, upto, CompactionConfig(**config), now_ms)


def test_closed_segments_are_dirty_or_clean(shop):
    size = shop.log.segments[0].size_bytes
    assert measured(shop) == DirtyState(0, 8, 0, 4 * size, must_compact=False)
    assert measured(shop, 4) == DirtyState(4, 8, 2 * size, 2 * size, must_compact=False)
    assert measured(shop, 5).dirty_bytes == 2 * size, "a segment that is clean in part is dirty"
    assert measured(shop, 8) == DirtyState(8, 8, 4 * size, 0, must_compact=False)


@pytest.mark.parametrize(("upto", "limit"), [(0, 0), (1, 0), (2, 2), (3, 2), (7, 6), (8, 8), (9, 8)])
def test_only_whole_segments_below_the_bound_count(shop, upto, limit):
    assert measured(shop, upto=upto).limit == limit


@pytest.mark.parametrize(("now", "limit"), [(1049, 0), (1100, 2), (1199, 2), (1200, 4), (2000, 8)])
def test_young_records_are_left_alone(shop, now, limit):
    assert measured(shop, now_ms=now, min_lag_ms=100).limit == limit
    assert measured(shop, now_ms=now).limit == 8


def test_old_records_must_be_compacted(shop):
    assert not measured(shop, now_ms=1100, max_lag_ms=100).must_compact
    assert measured(shop, now_ms=1101, max_lag_ms=100).must_compact
    assert not measured(shop, 2, now_ms=1200, max_lag_ms=100).must_compact
    assert not measured(shop, 8, now_ms=5000, max_lag_ms=100).must_compact


def test_when_it_is_due():
    half = CompactionConfig(min_cleanable_ratio=0.5)
    assert not DirtyState(0, 0, 0, 0, must_compact=True).is_due(half)
    assert not DirtyState(0, 1, 50, 50, must_compact=False).is_due(half)
    assert DirtyState(0, 1, 49, 51, must_compact=False).is_due(half)
    assert DirtyState(0, 1, 99, 1, must_compact=True).is_due(half)
    assert DirtyState(0, 1, 75, 25, must_compact=False).ratio == 0.25
