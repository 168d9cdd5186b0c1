"""Where replicas go."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.metadata.placement import check_assignment, place
from cordwood.model.errors import InvalidReplicaAssignment, InvalidReplicationFactor


def test_one_broker_has_everything():
    assert place((5,), range(3), 1, start=123) == ((5,), (5,), (5,))


def test_first_replicas_go_round():
    assert place((3, 1, 2), range(3), 2, start=0) == ((1, 2), (2, 3), (3, 1))


@given(st.integers(1, 8), st.integers(1, 8), st.integers(1, 40), st.integers(0, 1 << 32))
def test_replicas_are_different_and_leaders_even(count, factor, partitions, start):
    brokers = tuple(range(10, 10 + count))
    if factor > count:
        with pytest.raises(InvalidReplicationFactor):
            place(brokers, range(partitions), factor, start=start)
        return
    placed = place(brokers, range(partitions), factor, start=start)
    assert len(placed) == partitions
    for replicas in placed:
        assert len(set(replicas)) == factor
        assert set(replicas) <= set(brokers)
    leaders = Counter(replicas[0] for replicas in placed)
    assert max(leaders.values()) - (min(leaders.values()) if len(leaders) == count else 0) <= 1


def test_followers_of_one_leader_are_spread():
    placed = place((1, 2, 3, 4), range(12), 2, start=0)
    assert {followers for first, followers in placed if first == 1} == {2, 3, 4}


@pytest.mark.parametrize("factor", [0, -1, 2])
def test_impossible_factors(factor):
    with pytest.raises(InvalidReplicationFactor):
        place((1,), range(1), factor, start=0)


def test_a_good_assignment():
    check_assignment((2, 1), {1, 2, 3}, factor=2)
    check_assignment((2,), {1, 2, 3}, factor=None)


@pytest.mark.parametrize(
    ("replicas", "words"),
    [((), "no broker"), ((1, 1), "twice"), ((1, 9), r"do not exist: \[9\]"), ((1,), "where other partitions have 2")],
)
def test_bad_assignments(replicas, words):
    with pytest.raises(InvalidReplicaAssignment, match=words):
        check_assignment(replicas, {1, 2, 3}, factor=2)
