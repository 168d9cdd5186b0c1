"""A history knows who appended what, who committed, and the order of each list."""

from __future__ import annotations

import pytest

from cordwood.sim.checkers.list_append.history import Fate, Read
from tests.sim.checkers.list_append.histories import history, transaction


def test_who_appended_what_and_where():
    one = transaction("one", "x1 y2")
    told = history(one, final=["x 1", "y 2"])
    assert told.writers == {1: one, 2: one}
    assert told.keys == {1: "x", 2: "y"}


def test_a_value_is_appended_once():
    with pytest.raises(ValueError, match="1 is appended twice; by two"):
        history(transaction("one", "x1"), transaction("two", "y1"))


def test_the_final_reads_come_last():
    told = history(transaction("one", "x1"), transaction("reader", reads=["x"]), final=["x 1"])
    assert list(told.reads()) == [("reader", Read("x", ())), ("the final reader", Read("x", (1,)))]


def test_the_longest_read_is_the_order():
    told = history(transaction("reader", reads=["x 1 2", "x 1"]), final=["x 1", "y"])
    assert told.longest() == {"x": (1, 2), "y": ()}


@pytest.mark.parametrize(
    ("fate", "final", "committed"),
    [
        (Fate.COMMITTED, "x", True),
        (Fate.ABORTED, "x 1", False),
        (Fate.UNKNOWN, "x", False),
        (Fate.UNKNOWN, "x 1", True),
    ],
)
def test_who_committed(fate, final, committed):
    one = transaction("one", "x1 y2", fate=fate)
    assert history(one, final=[final]).committed() == ((one,) if committed else ())


def test_who_was_read_in_between_committed():
    one = transaction("one", "x1", fate=Fate.UNKNOWN)
    reader = transaction("reader", reads=["x 1"])
    assert history(one, reader, final=["x"]).committed() == (one, reader)
