"""Which segment holds an offset."""

from __future__ import annotations

from cordwood.log.segments import Segments
from tests.log.kit import World


def segments_at(*bases):
    world = World()
    return Segments(tuple(world.segment(base) for base in bases))


def bases(segments):
    return [segment.base_offset for segment in (segments.all if isinstance(segments, Segments) else segments)]


def test_the_holding_segment_is_found():
    segments = segments_at(5, 10, 20)
    for offset, base in ((0, 5), (5, 5), (9, 5), (10, 10), (19, 10), (20, 20), (1000, 20)):
        assert segments.holding(offset).base_offset == base
        assert bases(segments.since(offset)) == [found for found in (5, 10, 20) if found >= base]


def test_splits_leave_at_least_one():
    segments = segments_at(5, 10, 20)
    for offset, below in ((5, []), (9, []), (10, [5]), (19, [5]), (20, [5, 10]), (99, [5, 10])):
        gone, kept = segments.split_below(offset)
        assert bases(gone) == below
        assert bases(kept) == [base for base in (5, 10, 20) if base not in below]
    for offset, left in ((5, [5]), (6, [5]), (10, [5]), (11, [5, 10]), (20, [5, 10]), (21, [5, 10, 20])):
        kept, gone = segments.split_from(offset)
        assert bases(kept) == left
        assert bases(gone) == [base for base in (5, 10, 20) if base not in left]


def test_a_new_active_segment_comes_behind():
    segments = segments_at(5, 10)
    longer = segments.with_active(segments_at(30).active)
    assert bases(longer) == [5, 10, 30]
    assert longer.active.base_offset == 30
    assert bases(segments) == [5, 10]


def test_one_segment_takes_the_place_of_neighbours():
    segments = segments_at(5, 10, 20, 30)
    fresh = segments_at(10).active
    replaced = segments.with_replaced(segments.all[1:3], fresh)
    assert replaced.all == (segments.all[0], fresh, segments.all[3])
    assert replaced.active is segments.active
    assert segments.with_replaced(segments.all[:1], fresh).all[1:] == segments.all[1:]


def test_neighbours_that_are_not_there_are_not_replaced():
    segments = segments_at(5, 10, 20, 30)
    fresh = segments_at(10).active
    assert segments.with_replaced(segments.all[2:], fresh) is None, "the active one"
    assert segments.with_replaced((fresh,), fresh) is None
    assert segments.with_replaced((segments.all[0], segments.all[2]), fresh) is None
    assert segments.with_replaced((segments.all[1], fresh), fresh) is None
