"""Reads are fresh."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.prefixes import CommittedLog
from cordwood.sim.quorum.invariants.reads import FreshReads
from tests.sim.quorum.kit import see
from tests.verdict import verdict


@pytest.fixture
def reads():
    committed = CommittedLog()
    committed.founded(1)
    committed.learn(*see(1, (1, 1, 1), commit=3))
    return FreshReads(committed)


def test_a_fresh_read_is_right(reads):
    assert reads.floor() == 3
    assert verdict(reads.answered, 2, reads.floor(), 3, 3) is None
    assert verdict(reads.answered, 2, reads.floor(), 4, 5) is None


def test_an_old_read_is_found(reads):
    with pytest.raises(Broken, match="2 reads as of 2, and 3 was committed"):
        reads.answered(2, reads.floor(), 2, 3)


def test_a_read_that_comes_too_early_is_found(reads):
    with pytest.raises(Broken, match="may read as of 4 and has applied 3"):
        reads.answered(2, reads.floor(), 4, 3)
