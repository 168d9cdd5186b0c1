"""Nothing committed is cut."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.truncations import NothingCommittedIsCut
from tests.sim.quorum.kit import grown, see
from tests.verdict import verdict


def cut(before, after, kept):
    old, _ = before
    new, log = after
    NothingCommittedIsCut().rewrites(old, new, grown(log, kept, old.last.index))


def test_what_is_not_committed_may_go():
    assert verdict(cut, see(1, (1, 1, 1), commit=2), see(1, (1, 1, 2), commit=2), 2) is None
    sight, log = see(1, (1, 2))
    assert verdict(NothingCommittedIsCut().rewrites, None, sight, grown(log, 1, 3)) is None


def test_what_is_committed_may_not():
    with pytest.raises(Broken, match="1 knew of 3, and kept its log up to 2"):
        cut(see(1, (1, 1, 1), commit=3), see(1, (1, 1, 2), commit=3), 2)


def test_a_leader_does_not_cut():
    with pytest.raises(Broken, match="a leader only adds"):
        cut(see(1, (1, 1, 1), term=3, leads=True), see(1, (1, 1, 3), term=3, leads=True), 2)
    assert verdict(cut, see(1, (1, 1, 1), term=3, leads=True), see(1, (1, 1, 4), term=4), 2) is None
