"""The commit index: never back, and durable on a majority of each set of voters."""

from __future__ import annotations

import pytest

from cordwood.raft import Configuration
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.commits import EVERY, CommitIndex
from tests.sim.quorum.kit import see
from tests.verdict import verdict

JOINT = Configuration(frozenset({1, 2, 3}), frozenset({3, 4, 5}))


def commit(holders, configuration=JOINT, before=None):
    def surviving(node):
        return see(node, (1, 1)) if node in holders else None if node == 5 else see(node, (1,))

    one = CommitIndex(surviving)
    sight, log = see(1, (1, 1), commit=2, leads=True, configuration=configuration)
    old = sight._replace(configuration=before or configuration)
    one.commits(old, sight._replace(leads=False), log.entries(2, 3))
    for _ in range(EVERY):
        one.commits(old, sight, log.entries(2, 3))


@pytest.mark.parametrize("holders", [{2, 3, 4}, {1, 2, 4, 5}, {1, 2, 3, 4, 5}])
def test_a_majority_of_both_is_enough(holders):
    assert verdict(commit, holders) is None


@pytest.mark.parametrize("holders", [{1, 2, 3}, {3, 4, 5}, set()])
def test_a_majority_of_one_is_found(holders):
    with pytest.raises(Broken, match="durable on a quorum: entry 2"):
        commit(holders)


def test_without_a_joint_configuration_one_majority_counts():
    assert verdict(commit, {1, 2}, Configuration(frozenset({1, 2, 3}))) is None
    with pytest.raises(Broken, match=r"and only \[1\] would have it"):
        commit({1}, Configuration(frozenset({1, 2, 3})))


def test_what_brings_a_change_is_committed_without_it():
    assert verdict(commit, {1, 2}, JOINT, before=Configuration(frozenset({1, 2, 3}))) is None
    with pytest.raises(Broken, match="durable on a quorum"):
        commit({1, 4}, JOINT, before=Configuration(frozenset({1, 2, 3})))


def test_going_back_is_found():
    one = CommitIndex(lambda node: None)
    before, log = see(commit=3)
    assert verdict(one.changes, before, see(commit=4)[0], log) is None
    with pytest.raises(Broken, match="went from 3 to 2"):
        one.changes(before, see(commit=2)[0], log)


def test_applying_what_is_not_committed_is_found():
    sight, log = see(commit=3, applied=4)
    with pytest.raises(Broken, match="applied 4 of 3"):
        CommitIndex(lambda node: None).changes(sight, sight, log)
