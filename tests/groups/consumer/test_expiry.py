"""Members that are silent, or do not give up what they should, are fenced; a restart gives everybody time anew."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer.timers import REBALANCE, SESSION, timer_key
from cordwood.model.group_errors import UnknownMember
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


@pytest.fixture
def shard():
    return FakeShard(FakeTopics(t=2))


def test_a_silent_member_is_fenced(shard):
    shard.join("a", "t")
    shard.join("b", "t")
    shard.advance(44_999)
    assert shard.beat("b", 2).epoch == 2
    shard.advance(1)
    assert len(shard.beat("b", 2).assigned) == 2
    assert isinstance(shard.beat("a", 1), UnknownMember)


def test_a_member_that_does_not_revoke_in_its_time_is_fenced(shard):
    shard.join("a", "t", rebalance_timeout_ms=10_000)
    mine = shard.group.members["a"].assigned
    shard.join("b", "t")
    shard.beat("a", 1, mine)
    shard.advance(9_999)
    assert shard.beat("a", 1, mine).epoch == 1
    shard.advance(1)
    assert isinstance(shard.beat("a", 1, mine), UnknownMember)


def test_a_member_that_revoked_has_no_timer_but_its_session(shard):
    shard.join("a", "t")
    mine = shard.group.members["a"].assigned
    shard.join("b", "t")
    told = shard.beat("a", 1, mine).assigned
    assert timer_key(REBALANCE, "g", "a") in shard.timers
    shard.beat("a", 1, told)
    assert set(shard.timers) == {timer_key(SESSION, "g", "a"), timer_key(SESSION, "g", "b")}


def test_a_restart_gives_time_anew(shard):
    shard.join("a", "t", rebalance_timeout_ms=50_000)
    mine = shard.group.members["a"].assigned
    shard.join("b", "t")
    shard.beat("a", 1, mine)
    shard.advance(40_000)
    shard.restart()
    assert shard.timers == {
        timer_key(SESSION, "g", "a"): shard.now_ms + 45_000,
        timer_key(SESSION, "g", "b"): shard.now_ms + 45_000,
        timer_key(REBALANCE, "g", "a"): shard.now_ms + 50_000,
    }


def test_timers_of_what_is_gone_mean_nothing(shard):
    shard.timers[timer_key(SESSION, "nowhere", "a")] = shard.now_ms
    shard.join("a", "t")
    shard.timers[timer_key(SESSION, "g", "b")] = shard.now_ms
    shard.timers[timer_key(REBALANCE, "g", "a")] = shard.now_ms
    shard.advance(1)
    assert list(shard.group.members) == ["a"]
