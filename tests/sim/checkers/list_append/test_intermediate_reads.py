"""The checker of G1b finds transactions that were read in part."""

from __future__ import annotations

import pytest

from cordwood.sim.checkers.list_append.intermediate_reads import intermediate_reads
from tests.sim.checkers.list_append.histories import history, transaction

ONE = transaction("one", "x1 y2 x3")


@pytest.mark.parametrize("reads", [["x", "y"], ["x 1 3"], ["y 2", "x"], ["x 1 4 3"]])
def test_whole_or_absent(reads):
    assert not list(intermediate_reads(history(ONE, transaction("reader", reads=reads))))


@pytest.mark.parametrize("reads", [["x 1"], ["x 3"], ["x 1 4"], ["x 1 1"]])
def test_parts_are_found(reads):
    (found,) = intermediate_reads(history(ONE, transaction("reader", reads=[*reads, "x 1"])))
    assert found == "G1b: reader read only a part of what one appended to x"


def test_where_appends_interleave_only_the_final_read_tells():
    reader = transaction("reader", reads=["x 1"])
    assert not list(intermediate_reads(history(ONE, reader, final=["x 1 3"], interleaved="x")))
    (found,) = intermediate_reads(history(ONE, reader, final=["x 1 4"], interleaved="x"))
    assert found == "G1b: the final reader read only a part of what one appended to x"


def test_a_value_in_another_list_is_no_part():
    assert not list(intermediate_reads(history(ONE, transaction("reader", reads=["y 1"]))))
