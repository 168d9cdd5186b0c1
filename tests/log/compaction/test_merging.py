"""Which segments become one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordwood.log.compaction.merging import groups
from cordwood.log.config import LogConfig
from cordwood.log.segment import RELATIVE_OFFSET_LIMIT
from tests.log.compaction.workshop import Workshop


@pytest.fixture
def shop():
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=300, index_interval_bytes=100))
    for _ in range(12):
        shop.append((b"k", b"v" * 60))
    return shop


def grouped(shop, **limits):
    config = replace(shop.config, **limits)
    return [[segment.base_offset for segment in group] for group in groups(shop.log.segments[:-1], config)]


def test_neighbours_that_fit_together(shop):
    size = shop.log.segments[0].size_bytes
    assert grouped(shop) == [[0], [2], [4], [6], [8]]
    assert grouped(shop, segment_bytes=2 * size) == [[0, 2], [4, 6], [8]]
    assert grouped(shop, segment_bytes=5 * size) == [[0, 2, 4, 6, 8]]


def test_the_index_has_room_for_all(shop):
    entries = len(shop.log.segments[0].indexes.offsets)
    assert grouped(shop, segment_bytes=10_000, segment_index_entries=2 * entries + 2) == [[0, 2], [4, 6], [8]]
    assert grouped(shop, segment_bytes=10_000, segment_index_entries=1) == [[0], [2], [4], [6], [8]]


def test_offsets_stay_close_together(shop):
    limit = RELATIVE_OFFSET_LIMIT
    segments = shop.log.segments[:3]
    for segment, base_offset, next_offset in zip(segments, (0, 10, limit + 1), (10, limit + 1, limit + 2), strict=True):
        segment.base_offset, segment.tail = base_offset, (next_offset, 1)
    near, edge, far = segments
    assert groups(segments, LogConfig()) == [(near, edge), (far,)]


def test_nothing_is_nothing():
    assert groups([], LogConfig()) == []
