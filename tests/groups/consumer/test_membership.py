"""Static members come back, and fence each other."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer.member import MemberState
from cordwood.model.group_errors import FencedInstance, FencedMemberEpoch, UnknownMember, UnreleasedInstance
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


@pytest.fixture
def shard():
    shard = FakeShard(FakeTopics(t=4))
    shard.join("a", "t", instance_id="i")
    return shard


def test_a_static_member_that_left_for_a_while_gets_its_own_back(shard):
    mine = shard.group.members["a"].assigned
    assert shard.beat("a", -2, instance_id="i").epoch == -2
    reply = shard.join("b", "t", instance_id="i")
    assert (reply.member_id, reply.epoch, reply.assigned) == ("b", 1, mine)
    assert shard.group.epoch == 1
    assert list(shard.group.members) == ["b"]
    assert list(shard.group.targets) == ["b"]


def test_nobody_else_gets_it_meanwhile(shard):
    shard.beat("a", -2, instance_id="i")
    assert not shard.join("c", "t").assigned
    shard.advance(44_000)
    shard.beat("c", 2)
    shard.advance(1_000)
    assert "a" not in shard.group.members
    assert len(shard.beat("c", 2).assigned) == 4


def test_an_instance_that_has_not_left_is_not_released(shard):
    assert isinstance(shard.join("b", "t", instance_id="i"), UnreleasedInstance)
    assert shard.join("a", "t", instance_id="i").epoch == 1


def test_an_instance_that_another_took_over_is_fenced(shard):
    shard.beat("a", -2, instance_id="i")
    shard.join("b", "t", instance_id="i")
    assert isinstance(shard.beat("a", 1, instance_id="i"), FencedInstance)
    assert isinstance(shard.beat("a", -1, instance_id="i"), FencedInstance)
    assert isinstance(shard.beat("a", 1, instance_id="x"), UnknownMember)
    assert isinstance(shard.beat("b", 7, instance_id="i"), FencedMemberEpoch)


def test_a_static_member_that_left_for_good_is_gone(shard):
    assert shard.beat("a", -1, instance_id="i").epoch == -1
    assert shard.group.members == {}
    assert shard.group.owners == {}


def test_one_that_owed_a_revocation_when_it_left_comes_back_to_its_target(shard):
    shard.join("c", "t")
    mine = shard.group.members["a"].assigned
    shard.beat("a", 1, mine, instance_id="i")
    assert shard.group.members["a"].state is MemberState.UNREVOKED_PARTITIONS
    shard.beat("a", -2, instance_id="i")
    reply = shard.join("b", "t", instance_id="i")
    assert reply.epoch == 2
    assert len(reply.assigned) == 2
    assert len(shard.beat("c", 2).assigned) == 2
