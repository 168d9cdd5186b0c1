"""What is known of a log that rests."""

from __future__ import annotations

import pytest

from cordwood.log.at_rest import UNMADE, AtRest
from cordwood.log.config import LogConfig
from cordwood.log.segments import Segments
from tests.log.kit import World, batch


def test_of_segments():
    world = World()
    segments = Segments((world.segment(0), world.segment(3)))
    for segment, base_offset, timestamp in ((segments.all[0], 0, 1000), (segments.all[1], 3, 2000)):
        data = batch(3, timestamp_ms=timestamp)
        segment.append([data], base_offset, base_offset + 3, timestamp + 2)
    size = len(batch(3))
    assert AtRest.of(segments, b"t" * 16, 1) == AtRest(b"t" * 16, 1, 6, 2 * size, 2, 3, size, size, 1002)
    empty = Segments((world.segment(7),))
    assert AtRest.of(empty, b"t" * 16, 7) == AtRest(b"t" * 16, 7, 7, 0, 1, 7, 0, 0, 0)


@pytest.mark.parametrize(
    ("facts", "retention", "is_outlived"),
    [
        (UNMADE, (0, 0), False),
        (AtRest(size_bytes=100, oldest_bytes=100, oldest_ms=1000), (-1, -1), False),
        (AtRest(size_bytes=100, oldest_bytes=100, oldest_ms=1000), (1000, -1), False),
        (AtRest(size_bytes=100, oldest_bytes=100, oldest_ms=1000), (999, -1), True),
        (AtRest(size_bytes=100, oldest_bytes=100, oldest_ms=5000), (-1, 0), False),
        (AtRest(size_bytes=300, oldest_bytes=100, segment_count=2, oldest_ms=5000), (-1, 200), True),
        (AtRest(size_bytes=300, oldest_bytes=100, segment_count=2, oldest_ms=5000), (-1, 201), False),
    ],
)
def test_whether_retention_has_something_to_do(facts, retention, is_outlived):
    retention_ms, retention_bytes = retention
    config = LogConfig(retention_ms=retention_ms, retention_bytes=retention_bytes)
    assert facts.has_outlived(config, 2000) is is_outlived
