"""The base of the invariants: what one does not care for passes."""

from __future__ import annotations

from cordwood.raft.messages import Heartbeat
from cordwood.sim.quorum.invariant import Invariant
from tests.sim.quorum.kit import grown, see


def test_an_invariant_that_cares_for_nothing_is_kept():
    one = Invariant()
    sight, log = see()
    one.begins(sight, log)
    one.ends(1)
    one.changes(sight, sight, log)
    one.rewrites(None, sight, grown(log))
    one.commits(None, sight, log.entries(1, 2))
    one.tells(Heartbeat(1, 2, 3, 0, 0), sight, log)
    one.survives(sight, log)
