"""Log matching."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.matching import LogMatching
from tests.sim.quorum.kit import grown, see
from tests.verdict import verdict


def look(one, node, terms, kept=0, **values):
    sight, log = see(node, terms, **values)
    one.rewrites(None, sight, grown(log, kept))


def test_logs_may_differ_in_terms():
    one = LogMatching()
    assert verdict(look, one, 1, (1, 1, 2)) is None
    assert verdict(look, one, 2, (1, 1, 2, 3), kept=2) is None
    assert verdict(look, one, 3, (1, 3)) is None


def test_other_data_in_the_same_place_and_term_are_found():
    one = LogMatching()
    look(one, 1, (1, 1))
    with pytest.raises(Broken, match="entry 2 of term 1"):
        look(one, 2, (1, 1), data={2: b"other"})


def test_another_past_is_found():
    one = LogMatching()
    look(one, 1, (1, 2, 3))
    with pytest.raises(Broken, match="entry 3 of term 3 is b'3' after term 1"):
        look(one, 2, (1, 1, 3))


def test_terms_that_fall_are_found():
    with pytest.raises(Broken, match="1 follows 2 at 2"):
        look(LogMatching(), 1, (2, 1))
