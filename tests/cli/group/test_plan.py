"""Plans to move groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.cli.client.offsets import Bounds
from cordwood.cli.group.plan import (
    BadSelection,
    Move,
    Selection,
    parse_selection,
    plan_shift,
    plan_to,
    wanted_partitions,
)

BOUNDS = {("a", 0): Bounds(10, 20), ("a", 1): Bounds(0, 0)}


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("orders", Selection("orders")),
        ("orders:3", Selection("orders", (3,))),
        ("orders:5-7,0,6", Selection("orders", (0, 5, 6, 7))),
    ],
)
def test_partitions_that_are_meant(text: str, selection: Selection) -> None:
    assert parse_selection(text) == selection


@pytest.mark.parametrize("text", ["", ":0", "orders:", "orders:x", "orders:1-", "orders:7-5", "orders:0-999999999"])
def test_what_names_no_partitions(text: str) -> None:
    with pytest.raises(BadSelection):
        parse_selection(text)


@given(st.sets(st.integers(0, 999), min_size=1, max_size=20))
def test_every_set_of_partitions_can_be_written(numbers: set[int]) -> None:
    text = "t:" + ",".join(map(str, numbers))
    assert parse_selection(text) == Selection("t", tuple(sorted(numbers)))


def test_a_topic_may_be_selected_again() -> None:
    chosen = [Selection("a", (0, 2)), Selection("b"), Selection("a", (1, 2)), Selection("b", (7,))]
    assert wanted_partitions(chosen) == {"a": frozenset({0, 1, 2}), "b": None}


def test_offsets_are_kept_within_what_is_there() -> None:
    assert plan_to({("a", 1): 3, ("a", 0): 15}, {("a", 0): 12}, BOUNDS) == [
        Move("a", 0, 12, 15),
        Move("a", 1, None, 0, is_cut=True),
    ]
    assert plan_to({("a", 0): 5}, {}, BOUNDS) == [Move("a", 0, None, 10, is_cut=True)]


def test_shifts() -> None:
    moves, without = plan_shift(BOUNDS, -1, {("a", 0): 12}, BOUNDS)
    assert moves == [Move("a", 0, 12, 11)]
    assert without == [("a", 1)]


def test_what_is_there_to_do() -> None:
    assert Move("a", 0, None, 0).changes
    assert not Move("a", 0, 7, 7).changes
    assert Move("a", 0, 12, 15).row("g") == {"group": "g", "topic": "a", "partition": 0, "old": 12, "new": 15}
