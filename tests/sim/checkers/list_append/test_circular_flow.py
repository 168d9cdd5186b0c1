"""The checker of G1c finds circles in which somebody read."""

from __future__ import annotations

from cordwood.sim.checkers.list_append.circular_flow import circular_flow
from cordwood.sim.checkers.list_append.history import Fate
from tests.sim.checkers.list_append.histories import history, transaction


def test_who_reads_what_came_before():
    told = history(
        transaction("one", "x1"), transaction("two", "x2", reads=["x 1"]), transaction("reader", reads=["x 1 2"])
    )
    assert not list(circular_flow(told))


def test_two_who_read_each_other():
    told = history(transaction("one", "x1", ["y 2"]), transaction("two", "y2", ["x 1"]), final=["x 1", "y 2"])
    assert list(circular_flow(told)) == ["G1c: one is read by two in x, two is read by one in y"]


def test_who_reads_what_comes_after_it():
    told = history(transaction("one", "x1", ["y 2"]), transaction("two", "x3 y2"), final=["x 1 3", "y 2"])
    assert list(circular_flow(told)) == ["G1c: two is read by one in y, one is overwritten by two in x"]


def test_a_read_among_appends_that_say_the_same():
    told = history(transaction("one", "x1 y4"), transaction("two", "x2 y3", ["x 1"]), final=["x 1 2", "y 3 4"])
    (found,) = circular_flow(told)
    assert "one is read by two in x" in found


def test_a_circle_of_appends_alone_is_not_its_matter():
    told = history(transaction("one", "x1 y4"), transaction("two", "x2 y3"), final=["x 1 2", "y 3 4"])
    assert not list(circular_flow(told))


def test_who_reads_itself_or_is_aborted_is_in_no_circle():
    told = history(
        transaction("one", "x1", ["x 1"]),
        transaction("two", "y2", ["z 3"]),
        transaction("three", "z3", ["y 2"], fate=Fate.ABORTED),
    )
    assert not list(circular_flow(told))


def test_through_a_list_that_is_interleaved():
    told = history(transaction("one", "x1", ["y 2 4"]), transaction("two", "y2", ["x 1"]), interleaved="y")
    (found,) = circular_flow(told)
    assert "two is read by one in y" in found
