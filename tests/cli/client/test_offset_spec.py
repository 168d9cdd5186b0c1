"""Offsets as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.client.offset_spec import (
    At,
    AtTime,
    BadOffset,
    BeforeEnd,
    End,
    OffsetRange,
    Start,
    parse_duration_ms,
    parse_point,
    parse_range,
    parse_time,
)

NOW_MS = 1_800_000_000_000
MORNING_MS = 1_763_719_200_000
"""2025-11-21T10:00:00Z"""


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("start", Start()),
        ("end", End()),
        ("0", At(0)),
        ("17", At(17)),
        ("-5", BeforeEnd(5)),
        ("@now", AtTime(NOW_MS)),
        ("@1700000000000", AtTime(1_700_000_000_000)),
        ("@-1h", AtTime(NOW_MS - 3_600_000)),
        ("@-1h30m5s7ms", AtTime(NOW_MS - 5_405_007)),
        ("@-2w1d", AtTime(NOW_MS - 15 * 86_400_000)),
        ("@2025-11-21T10:00:00Z", AtTime(MORNING_MS)),
        ("@2025-11-21T10:00:00", AtTime(MORNING_MS)),
        ("@2025-11-21T11:00:00.250+01:00", AtTime(MORNING_MS + 250)),
        ("@2025-11-21", AtTime(MORNING_MS - 36_000_000)),
    ],
)
def test_points(text, point):
    assert parse_point(text, NOW_MS) == point


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("start", Start(), None),
        ("5:10", At(5), At(10)),
        (":10", Start(), At(10)),
        ("5:", At(5), None),
        (":", Start(), None),
        ("-10:end", BeforeEnd(10), End()),
        ("@-1h:@-30m", AtTime(NOW_MS - 3_600_000), AtTime(NOW_MS - 1_800_000)),
        ("@2025-11-21T10:00:00", AtTime(MORNING_MS), None),
        ("@2025-11-21T10:00:00:", AtTime(MORNING_MS), None),
        ("@2025-11-21T10:00:00:@2025-11-21T10:00:01", AtTime(MORNING_MS), AtTime(MORNING_MS + 1000)),
        ("@-1h:now", AtTime(NOW_MS - 3_600_000), AtTime(NOW_MS)),
        ("@1000:2000", AtTime(1000), AtTime(2000)),
        ("@2025-11-21T10:00:00:2025-11-21T10:00:01", AtTime(MORNING_MS), AtTime(MORNING_MS + 1000)),
        ("@-1h:-5", AtTime(NOW_MS - 3_600_000), BeforeEnd(5)),
        ("7:@2025-11-21T11:00:00+01:00", At(7), AtTime(MORNING_MS)),
        ("@2025-11-21T11:00:00+01:00:end", AtTime(MORNING_MS), End()),
    ],
)
def test_ranges(text, start, end):
    assert parse_range(text, NOW_MS) == OffsetRange(start, end)


@pytest.mark.parametrize("text", ["", "x", "--1", "1.5", "@", "@yesterday", "@-", "@-5", "@-1y", "9" * 19, "stored"])
def test_what_is_no_point(text):
    with pytest.raises(BadOffset, match=r"write|colon"):
        parse_point(text, NOW_MS)


@pytest.mark.parametrize("text", ["x:y", "1:2:3", "@x:1", "1:x"])
def test_what_is_no_range(text):
    with pytest.raises(BadOffset):
        parse_range(text, NOW_MS)


def test_times_do_not_begin_before_the_epoch():
    assert parse_time("1960-01-01", NOW_MS) == 0
    assert parse_time("-9999w", NOW_MS) == 0


def test_durations():
    assert parse_duration_ms("1h30m") == 5_400_000
    with pytest.raises(BadOffset, match="no duration: write 90s"):
        parse_duration_ms("1h30")


points = st.one_of(
    st.sampled_from(["start", "end"]),
    st.integers(-(2**62), 2**62).filter(bool).map(str),
    st.integers(0, 2**40).map(lambda ms: f"@{ms}"),
    st.datetimes().map(lambda moment: f"@{moment.isoformat()}"),
)


@given(points, points)
def test_two_points_are_a_range(first, second):
    found = parse_range(f"{first}:{second}", NOW_MS)
    is_time = first.startswith("@") and second.isdecimal()
    assert found == OffsetRange(parse_point(first, NOW_MS), parse_point(f"@{second}" if is_time else second, NOW_MS))


@given(st.text(alphabet="0123456789-@:startendhmTZ.+", max_size=30))
def test_any_text_is_a_range_or_refused(text):
    try:
        found = parse_range(text, NOW_MS)
    except BadOffset:
        return
    assert isinstance(found, OffsetRange)
