"""Which records of which partitions are meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.client.offset_spec import At, AtTime, BeforeEnd, End, Start
from cordwood.cli.client.offsets import Bounds
from cordwood.cli.records.windows import Wanted, Window, Windows
from tests.cli.records.kit import message

BOUNDS = Bounds(10, 30)
PLACE = ("orders", 1)


def wanted(start, end=None, stops_at_end=False, follows=False):
    return Wanted(start, end, stops_at_end, follows)


def windows(start, end, position=None, follows=False):
    return Windows({PLACE: Window(start, end, start if position is None else position)}, follows=follows)


@pytest.mark.parametrize(
    ("asked", "start", "end", "position"),
    [
        (wanted(Start()), 10, None, 10),
        (wanted(Start(), stops_at_end=True), 10, 30, 10),
        (wanted(End()), 30, None, 30),
        (wanted(End(), stops_at_end=True), 30, 30, 30),
        (wanted(BeforeEnd(5)), 25, None, 25),
        (wanted(BeforeEnd(100)), 10, None, 10),
        (wanted(At(15), At(20)), 15, 20, 15),
        (wanted(At(15), At(99)), 15, 30, 15),
        (wanted(At(15), At(99), follows=True), 15, 99, 15),
        (wanted(At(5), At(20)), 5, 20, 10),
        (wanted(At(40)), 40, None, 30),
        (wanted(At(40), follows=True), 40, None, 30),
        (wanted(At(40), At(50)), 40, 30, 30),
        (wanted(AtTime(1), AtTime(2)), 12, 17, 12),
        (wanted(Start(), BeforeEnd(3)), 10, 27, 10),
        (wanted(Start(), End()), 10, 30, 10),
    ],
)
def test_the_window_of_a_partition(asked, start, end, position):
    assert asked.window(BOUNDS, {AtTime(1): 12, AtTime(2): 17}) == Window(start, end, position)


def test_offsets_of_times_have_to_be_asked_for():
    assert wanted(AtTime(1), AtTime(2)).points == (AtTime(1), AtTime(2))
    assert wanted(Start(), At(2)).points == ()


def test_an_empty_window_is_not_opened():
    empty = windows(30, 30)
    assert empty.is_through
    assert (empty.positions, empty.total, empty.is_bounded) == ({}, 0, True)


def test_a_window_closes_with_its_last_offset():
    open_ = windows(10, 12)
    assert (open_.positions, open_.total) == ({PLACE: 10}, 2)
    inside = [message(offset=offset) for offset in (9, 10, 11, 12)]
    assert open_.inside(inside) == inside[1:3]
    assert open_.is_through
    assert open_.inside(inside) == []
    assert (open_.take_closed(), open_.take_closed()) == ([PLACE], [])


def test_a_window_closes_with_what_is_behind_it():
    open_ = windows(10, 12)
    assert open_.inside([message(offset=15)]) == []
    assert open_.is_through


def test_the_end_of_the_partition_closes_a_window():
    """Its last offsets are markers of transactions, which no consumer sees."""
    open_ = windows(10, 12)
    open_.inside([message(offset=10)])
    open_.reached_end(("orders", 2))
    assert not open_.is_through
    open_.reached_end(PLACE)
    assert open_.is_through


@pytest.mark.parametrize("open_", [windows(10, 40, follows=True), windows(10, None)])
def test_who_follows_waits_at_the_end(open_):
    open_.reached_end(PLACE)
    assert not open_.is_through
    assert not open_.is_bounded


def test_offsets_that_are_not_there_yet_are_waited_for():
    open_ = windows(40, None, position=30)
    assert open_.positions == {PLACE: 30}
    assert [record.offset() for record in open_.inside([message(offset=offset) for offset in (38, 39, 40, 41)])] == [
        40,
        41,
    ]
    assert open_.total is None


places = st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 1))


@given(
    st.dictionaries(places, st.tuples(st.integers(0, 20), st.none() | st.integers(0, 25)), max_size=4),
    st.lists(st.tuples(places, st.integers(1, 6)), max_size=40),
    st.integers(1, 10),
)
def test_batches_of_any_size_give_the_records_inside(spans, steps, size):
    """Offsets of each partition grow, and may have gaps."""
    asked = {place: Window(start, end, start) for place, (start, end) in spans.items()}
    open_ = Windows(asked, follows=False)
    offsets = open_.positions
    records = []
    for place, step in steps:
        if place in offsets:
            records.append(message(topic=place[0], partition=place[1], offset=offsets[place]))
            offsets[place] += step
    found = [record for at in range(0, len(records), size) for record in open_.inside(records[at : at + size])]
    assert found == [record for record in records if _is_inside(asked[record.topic(), record.partition()], record)]


def _is_inside(window, record):
    return window.start <= record.offset() and (window.end is None or record.offset() < window.end)
