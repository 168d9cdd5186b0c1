"""Leader completeness."""

from __future__ import annotations

import pytest

from cordwood.raft import Position
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.completeness import LeaderCompleteness
from cordwood.sim.quorum.invariants.prefixes import CommittedLog
from tests.sim.quorum.kit import see
from tests.verdict import verdict


@pytest.fixture
def committed():
    made = CommittedLog()
    made.founded(1)
    made.learn(*see(1, (1, 1, 2), commit=3))
    return made


def elect(one, node, terms, **values):
    follower, log = see(node, terms, **values)
    leader = follower._replace(term=9, leads=True)
    one.changes(follower, leader, log)
    return leader


def test_a_leader_that_has_everything_is_right(committed):
    one = LeaderCompleteness(committed)
    assert verdict(elect, one, 1, (1, 1, 2)) is None
    assert verdict(elect, one, 2, (1, 1, 2, 2)) is None
    assert verdict(elect, one, 3, (1, 1, 2), before=Position(2, 3), snapshot=Position(2, 3)) is None


@pytest.mark.parametrize("terms", [(1, 1), (1, 1, 3), (1, 2, 2)])
def test_a_leader_without_something_is_found(committed, terms):
    with pytest.raises(Broken, match=r"2 leads term 9 without .* committed"):
        elect(LeaderCompleteness(committed), 2, terms)


def test_what_turns_out_to_be_committed_later_counts_too(committed):
    one = LeaderCompleteness(committed)
    leader = elect(one, 2, (1, 1, 2))
    late, log = see(1, (1, 1, 2, 2), commit=4)
    entries = committed.learn(late, log)
    with pytest.raises(Broken, match="without"):
        one.commits(None, late, entries)
    one.changes(leader, leader._replace(leads=False), log)
    assert verdict(one.commits, None, late, entries) is None


def test_who_led_before_it_was_committed_need_not_have_it(committed):
    one = LeaderCompleteness(committed)
    elect(one, 2, (1, 1, 2, 7))
    late, log = see(1, (1, 1, 2, 2, 10), commit=5)
    entries = committed.learn(late, log)
    assert verdict(one.commits, None, late, entries) is None
    assert committed.known_in[4] == 10
    with pytest.raises(Broken, match="without"):
        one.changes(late._replace(node=3, leads=False), see(3, (1, 1, 2), term=11, leads=True)[0], see(3, (1, 1, 2))[1])


def test_who_has_stopped_leads_no_more(committed):
    one = LeaderCompleteness(committed)
    elect(one, 2, (1, 1, 2))
    late, log = see(1, (1, 1, 2, 2), commit=4)
    entries = committed.learn(late, log)
    assert "2 leads term 9 without" in str(verdict(one.commits, None, late, entries))
    one.ends(2)
    assert verdict(one.commits, None, late, entries) is None
