"""The checker of duplicate writes finds values that are there twice."""

from __future__ import annotations

from cordwood.sim.checkers.list_append.duplicates import duplicates
from tests.sim.checkers.list_append.histories import history, transaction


def test_once_in_every_read():
    told = history(transaction("one", "x1 x2"), transaction("reader", reads=["x 1", "x 1 2"]), final=["x 1 2"])
    assert not list(duplicates(told))


def test_duplicates_are_found_once():
    told = history(transaction("one", "x1 x2"), transaction("reader", reads=["x 1 2 1"]), final=["x 1 2 1 2 2"])
    assert list(duplicates(told)) == [
        "duplicates: reader read 1 2 times in x",
        "duplicates: the final reader read 2 3 times in x",
    ]
