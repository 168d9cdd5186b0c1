"""One leader a term."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.leaders import OneLeader
from tests.sim.quorum.kit import see


def test_each_term_may_have_another_leader():
    one = OneLeader()
    for node, term in ((1, 1), (2, 2), (1, 3), (1, 3)):
        sight, log = see(node, term=term, leads=True)
        one.changes(sight, sight, log)
    assert one.leaders == {1: 1, 2: 2, 3: 1}


def test_two_in_one_term_are_found():
    one = OneLeader()
    first, log = see(1, term=4, leads=True)
    second, _ = see(2, term=4, leads=True)
    one.changes(first, first, log)
    with pytest.raises(Broken, match="1 and 2 lead term 4"):
        one.changes(second, second, log)
