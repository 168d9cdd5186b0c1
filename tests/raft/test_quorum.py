"""Majorities, against definitions that count every possibility."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.raft.quorum import (
    EVERYTHING,
    VoteResult,
    joint_committed,
    joint_vote,
    majority,
    majority_committed,
    majority_vote,
)

VOTERS = st.frozensets(st.integers(1, 7), max_size=5)
ACKED = st.dictionaries(st.integers(1, 7), st.integers(0, 5))
VOTES = st.dictionaries(st.integers(1, 7), st.booleans())


def slow_committed(voters, acked):
    """Tries every index, the highest first: is it acknowledged by more than half?"""
    for index in range(5, 0, -1):
        if 2 * len([voter for voter in voters if acked.get(voter, 0) >= index]) > len(voters):
            return index
    return 0 if voters else EVERYTHING


def slow_vote(voters, votes):
    """Tries every way in which the missing votes can fall: is the end always the same?"""
    missing = [voter for voter in voters if voter not in votes]
    ends = set()
    for guesses in product([False, True], repeat=len(missing)):
        full = {**votes, **dict(zip(missing, guesses, strict=True))}
        ends.add(2 * sum(full[voter] for voter in voters) > len(voters) if voters else True)
    if len(ends) == 2:
        return VoteResult.PENDING
    return VoteResult.WON if ends == {True} else VoteResult.LOST


@given(VOTERS, ACKED)
def test_committed_is_what_more_than_half_have(voters, acked):
    assert majority_committed(voters, acked) == slow_committed(voters, acked)


@given(VOTERS, VOTES)
def test_a_vote_is_decided_when_no_further_vote_can_change_it(voters, votes):
    assert majority_vote(voters, votes) is slow_vote(voters, votes)


@given(VOTERS, VOTERS, ACKED)
def test_a_joint_configuration_commits_what_both_commit(incoming, outgoing, acked):
    expected = min(slow_committed(incoming, acked), slow_committed(outgoing, acked))
    assert joint_committed(incoming, outgoing, acked) == expected
    assert joint_committed(outgoing, incoming, acked) == expected


@given(VOTERS, VOTERS, VOTES)
def test_a_joint_vote_is_decided_when_no_further_vote_can_change_it(incoming, outgoing, votes):
    missing = [voter for voter in incoming | outgoing if voter not in votes]
    ends = set()
    for guesses in product([False, True], repeat=len(missing)):
        full = {**votes, **dict(zip(missing, guesses, strict=True))}
        ends.add(slow_vote(incoming, full) is slow_vote(outgoing, full) is VoteResult.WON)
    result = joint_vote(incoming, outgoing, votes)
    if result is VoteResult.PENDING:
        return  # Each set is counted alone: a joint vote may be pending where looking at both would tell more.
    assert ends == {result is VoteResult.WON}


@given(VOTERS, ACKED)
def test_the_same_voters_twice_are_the_same_voters(voters, acked):
    assert joint_committed(voters, voters, acked) == majority_committed(voters, acked)


@pytest.mark.parametrize(("count", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(count, needed):
    assert majority(count) == needed


def test_nobody_agrees_with_everything():
    assert majority_committed(frozenset(), {}) == EVERYTHING
    assert majority_vote(frozenset(), {}) is VoteResult.WON
    assert joint_committed(frozenset({1}), frozenset(), {1: 4}) == 4
