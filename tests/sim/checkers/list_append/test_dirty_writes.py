"""The checker of G0 finds circles of appends."""

from __future__ import annotations

import pytest

from cordwood.sim.checkers.list_append.dirty_writes import dirty_writes
from tests.sim.checkers.list_append.histories import history, transaction

ONE, TWO, THREE = transaction("one", "x1 y2 x3"), transaction("two", "x4 y5"), transaction("three", "x6 z7 y8")


@pytest.mark.parametrize("final", [["x 1 3 4", "y 2 5"], ["x 4 1 3", "y 5 2"], ["x 1 3", "y 2"]])
def test_one_after_the_other(final):
    assert not list(dirty_writes(history(ONE, TWO, final=final)))


@pytest.mark.parametrize("final", [["x 1 3 4", "y 5 2"], ["x 1 4 3", "y 2 5"]])
def test_circles_are_found(final):
    (found,) = dirty_writes(history(ONE, TWO, final=final))
    assert found.startswith("G0: one is overwritten by two in")


def test_a_circle_of_three():
    four = transaction("four", "z9")
    told = history(ONE, THREE, four, transaction("five", "z10 y11"), final=["x 1 3 6", "z 7 9 10", "y 8 11 2"])
    (found,) = dirty_writes(told)
    assert {name for name in ("one", "three", "four", "five") if name in found} >= {"one", "three"}


def test_what_is_interleaved_proves_nothing():
    assert not list(dirty_writes(history(ONE, TWO, final=["x 1 4 3", "y 2 5"], interleaved="x")))
