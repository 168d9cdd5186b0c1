"""Equal committed prefixes."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.prefixes import CommittedLog
from tests.sim.quorum.kit import see
from tests.verdict import verdict


@pytest.fixture
def committed():
    made = CommittedLog()
    made.founded(1)
    return made


def test_what_is_new_is_learnt_once(committed):
    assert [entry.index for entry in committed.learn(*see(1, (1, 1, 1, 1), commit=3))] == [2, 3]
    assert not committed.learn(*see(2, (1, 1, 1, 1), commit=3))
    assert [entry.index for entry in committed.learn(*see(2, (1, 1, 1, 1), commit=4))] == [4]
    assert committed.top == 4


def test_what_is_not_committed_may_differ(committed):
    assert [entry.index for entry in committed.learn(*see(1, (1, 1, 1), commit=2))] == [2]
    assert verdict(committed.learn, *see(2, (1, 1, 2), commit=2)) is None
    assert committed.top == 2


def test_what_is_committed_and_differs_is_found(committed):
    committed.learn(*see(1, (1, 1, 1), commit=3))
    with pytest.raises(Broken, match="at 3 2 has"):
        committed.learn(*see(2, (1, 1, 2), commit=3))


def test_a_node_that_starts_again_is_compared_again(committed):
    committed.learn(*see(1, (1, 1, 1), commit=3))
    other = see(1, (1, 2, 2), commit=3)
    committed.learn(*other)
    committed.begins(other[0])
    with pytest.raises(Broken, match="at 2 1 has"):
        committed.learn(*other)


def test_what_nobody_saw_committed_is_found(committed):
    with pytest.raises(Broken, match="1 has 2 committed, known is 0"):
        CommittedLog().learn(*see(1, (1, 1, 1), commit=3, before=see(1, (1,))[0].last))
