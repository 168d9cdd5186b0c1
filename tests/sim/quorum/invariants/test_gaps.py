"""No gap between snapshot and log."""

from __future__ import annotations

import pytest

from cordwood.raft import Position
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.gaps import NoGap
from tests.sim.quorum.kit import see
from tests.verdict import verdict


def looks(sight, log):
    one = NoGap()
    yield lambda: one.begins(sight, log)
    yield lambda: one.changes(sight, sight, log)
    yield lambda: one.survives(sight, log)


def test_what_fits_is_right():
    for look in looks(*see(log=(1, 1, 1), commit=3, before=Position(1, 1), snapshot=Position(1, 2))):
        assert verdict(look) is None


@pytest.mark.parametrize(("before", "snapshot"), [(2, 1), (0, 4)])
def test_what_does_not_meet_is_found(before, snapshot):
    sight, log = see(log=(1, 1, 1), commit=3, before=Position(1, before), snapshot=Position(1, snapshot))
    for look in looks(sight, log):
        with pytest.raises(Broken, match="no gap"):
            look()
