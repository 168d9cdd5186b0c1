"""The base of the invariants: what one does not care for passes."""

from __future__ import annotations

from cordwood.raft.messages import Heartbeat
from cordwood.sim.quorum.invariant import Invariant
from tests.sim.quorum.kit import grown, see
from tests.verdict import verdict


def test_an_invariant_that_cares_for_nothing_is_kept():
    one = Invariant()
    sight, log = see()
    assert verdict(one.begins, sight, log) is None
    assert verdict(one.ends, 1) is None
    assert verdict(one.changes, sight, sight, log) is None
    assert verdict(one.rewrites, None, sight, grown(log)) is None
    assert verdict(one.commits, None, sight, log.entries(1, 2)) is None
    assert verdict(one.tells, Heartbeat(1, 2, 3, 0, 0), sight, log) is None
    assert verdict(one.survives, sight, log) is None
