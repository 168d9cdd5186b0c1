"""The checker of invented values finds what nobody appended there."""

from __future__ import annotations

from cordwood.sim.checkers.list_append.invented import invented
from tests.sim.checkers.list_append.histories import history, transaction


def test_what_was_appended():
    assert not list(invented(history(transaction("one", "x1 y2"), final=["x 1", "y 2"])))


def test_inventions_are_found_once():
    told = history(transaction("one", "x1"), transaction("reader", reads=["x 1 7"]), final=["x 1 7", "y 1"])
    assert list(invented(told)) == [
        "invented: reader read 7 in x, which nobody appended",
        "invented: the final reader read 1 in y, which was appended to x",
    ]
