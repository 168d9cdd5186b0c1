"""The checker of G1a finds values of aborted transactions."""

from __future__ import annotations

import pytest

from cordwood.sim.checkers.list_append.aborted_reads import aborted_reads
from cordwood.sim.checkers.list_append.history import Fate
from tests.sim.checkers.list_append.histories import history, transaction


@pytest.mark.parametrize("fate", [Fate.COMMITTED, Fate.UNKNOWN])
def test_what_may_be_read(fate):
    assert not list(aborted_reads(history(transaction("one", "x1", fate=fate), final=["x 1"])))


def test_what_nobody_appended_is_not_aborted():
    assert not list(aborted_reads(history(final=["x 1"])))


def test_aborted_values_are_found_once():
    told = history(
        transaction("one", "x1 x2", fate=Fate.ABORTED), transaction("reader", reads=["x 1"]), final=["x 1 2"]
    )
    assert list(aborted_reads(told)) == [
        "G1a: reader read 1 in x, which one appended and aborted",
        "G1a: the final reader read 2 in x, which one appended and aborted",
    ]
