"""Members that go leave their partitions to the others."""

from __future__ import annotations

from cordwood.groups.consumer.states import GroupState, state_of
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


def test_what_a_member_leaves_goes_to_the_others():
    shard = FakeShard(FakeTopics(t=2))
    shard.join("a", "t")
    shard.join("b", "t")
    assert shard.beat("a", -1).epoch == -1
    assert state_of(shard.group) is GroupState.ASSIGNING
    assert len(shard.beat("b", 2).assigned) == 2
    assert not [key for key in shard.timers if "a" in key]


def test_the_last_leaves_an_empty_group():
    shard = FakeShard(FakeTopics(t=2))
    shard.join("a", regex="t", topics=None)
    shard.beat("a", -1)
    assert state_of(shard.group) is GroupState.EMPTY
    assert shard.group.epoch == 2
    assert (shard.group.targets, shard.group.owners, shard.group.regexes) == ({}, {}, {})
    assert shard.timers == {}
    assert shard.join("b", "t").epoch == 3
