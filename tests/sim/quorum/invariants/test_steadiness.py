"""A steady leader is left alone."""

from __future__ import annotations

import pytest

from cordwood.raft import Configuration
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.steadiness import SETTLED_US, Steadiness
from tests.sim.quorum.kit import see
from tests.verdict import verdict

THREE = Configuration(frozenset({1, 2, 3}))


class Quorum:
    """Node 1 leads term 4 since a time; `calm` are those that have had no trouble with it."""

    def __init__(self, calm, configuration=THREE):
        self.now = 0
        self.one = Steadiness(lambda leader, node, us: node in calm, lambda: self.now)
        self.leader, self.log = see(1, term=4, leads=True, configuration=configuration)
        self.one.changes(self.leader._replace(leads=False), self.leader, self.log)

    def campaigns(self, vote=3):
        before, log = see(3, term=4)
        self.one.changes(before, before._replace(term=5, vote=vote), log)


@pytest.mark.parametrize("calm", [{1, 2}, {1, 2, 3}])
def test_an_election_against_it_is_found(calm):
    quorum = Quorum(calm)
    quorum.now = SETTLED_US
    with pytest.raises(Broken, match="3 opens term 5 against 1, which leads term 4"):
        quorum.campaigns()


def test_who_reaches_no_quorum_is_not_steady():
    quorum = Quorum({1})
    quorum.now = SETTLED_US
    assert verdict(quorum.campaigns) is None


def test_who_leads_for_a_short_time_is_not_steady():
    quorum = Quorum({1, 2})
    quorum.now = SETTLED_US - 1
    assert verdict(quorum.campaigns) is None


def test_a_later_term_begins_anew():
    quorum = Quorum({1, 2})
    quorum.now = SETTLED_US
    quorum.one.changes(quorum.leader, quorum.leader._replace(term=6), quorum.log)
    assert verdict(quorum.campaigns) is None


@pytest.mark.parametrize("end", ["falls", "stops"])
def test_who_leads_no_more_is_not_steady(end):
    quorum = Quorum({1, 2})
    quorum.now = SETTLED_US
    if end == "falls":
        quorum.one.changes(quorum.leader, quorum.leader._replace(leads=False), quorum.log)
    else:
        quorum.one.ends(1)
    assert verdict(quorum.campaigns) is None


def test_who_only_votes_opens_nothing():
    quorum = Quorum({1, 2})
    quorum.now = SETTLED_US
    assert verdict(quorum.campaigns, vote=2) is None


def test_both_configurations_need_a_calm_quorum():
    quorum = Quorum({1, 2}, Configuration(frozenset({1, 2, 3}), frozenset({1, 4, 5})))
    quorum.now = SETTLED_US
    assert verdict(quorum.campaigns) is None
