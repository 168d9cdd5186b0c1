"""The rule of retention against a plain reading of Kafka's, as arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.retention import SegmentFacts, is_outlived, outlived

facts = st.builds(SegmentFacts, st.integers(1, 100), st.integers(1, 50), st.integers(0, 100))


@given(st.lists(facts, max_size=8), st.integers(0, 50), st.integers(0, 120), st.integers(-1, 120), st.integers(-1, 400))
def test_the_rule(closed: list[SegmentFacts], active: int, high_watermark: int, keep_ms: int, keep_bytes: int) -> None:
    now = 100
    total = active + sum(one.size_bytes for one in closed)
    count = outlived(
        closed,
        total_bytes=total,
        high_watermark=high_watermark,
        retention_ms=keep_ms,
        retention_bytes=keep_bytes,
        now_ms=now,
    )
    left = total
    for index, one in enumerate(closed):
        old = keep_ms >= 0 and now - one.latest_ms > keep_ms
        surplus = keep_bytes >= 0 and left - one.size_bytes >= keep_bytes
        goes = one.next_offset <= high_watermark and (old or surplus)
        assert (index < count) == goes or index > count
        if not goes:
            break
        left -= one.size_bytes
    if keep_bytes >= 0 and count:
        assert keep_ms >= 0 or left >= keep_bytes


def test_nothing_is_outlived_without_a_retention() -> None:
    assert not is_outlived(0, -1, 10**15)
    assert is_outlived(0, 0, 1)
    assert not is_outlived(1, 0, 1)
