"""The checker of lost writes finds what is missing in the end."""

from __future__ import annotations

from cordwood.sim.checkers.list_append.history import Fate
from cordwood.sim.checkers.list_append.lost import lost
from tests.sim.checkers.list_append.histories import history, transaction


def test_what_may_be_missing():
    told = history(
        transaction("one", "x1", fate=Fate.ABORTED), transaction("two", "x2 y3", fate=Fate.UNKNOWN), final=["x", "y"]
    )
    assert not list(lost(told))


def test_committed_values_are_missed():
    assert list(lost(history(transaction("one", "x1 y2"), final=["x 1"]))) == [
        "lost: 2 is not in y; one appended it (committed)"
    ]


def test_a_half_of_what_nobody_knows_the_end_of():
    told = history(transaction("one", "x1 y2", fate=Fate.UNKNOWN), final=["x 1", "y"])
    assert list(lost(told)) == ["lost: 2 is not in y; one appended it (unknown)"]


def test_what_was_read_before():
    told = history(
        transaction("one", "x1", fate=Fate.ABORTED), transaction("reader", reads=["x 1", "x 1"]), final=["x"]
    )
    assert list(lost(told)) == ["lost: 1 is no more in x; reader has read it"]
