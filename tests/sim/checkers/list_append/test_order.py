"""The checker of order finds readers that disagree and appends that overtook each other."""

from __future__ import annotations

import pytest

from cordwood.sim.checkers.list_append.order import disorder
from tests.sim.checkers.list_append.histories import history, transaction


def test_beginnings_of_one_list():
    told = history(transaction("one", "x1 x2"), transaction("reader", reads=["x", "x 1"]), final=["x 1 2"])
    assert not list(disorder(told))


@pytest.mark.parametrize(
    ("read", "place"), [("x 2", "2 as number 0 of x, others read 1"), ("x 1 3", "3 as number 1 of x, others read 2")]
)
def test_readers_that_disagree(read, place):
    told = history(transaction("one", "x1 x2 x3"), transaction("reader", reads=[read]), final=["x 1 2 3"])
    assert list(disorder(told)) == [f"order: reader read {place} there"]


def test_two_of_one_length_that_disagree():
    told = history(transaction("one", "x1"), transaction("two", "x2", reads=["x 1"]), final=["x 2"])
    assert list(disorder(told)) == ["order: two read 1 as number 0 of x, others read 2 there"]


def test_appends_that_overtook_each_other():
    told = history(transaction("one", "x1 y2 x3"), final=["x 3 1", "y 2"])
    assert list(disorder(told)) == ["order: 3 of one overtook 1 in x"]
