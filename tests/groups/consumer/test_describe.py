"""What is told of a group."""

from __future__ import annotations

from cordwood.groups.consumer.describe import TopicPartitions, describe
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


def test_a_group_is_described_with_what_members_have_and_are_to_have():
    shard = FakeShard(FakeTopics(t=2, u=1))
    shard.join("a", "t", "u", assignor="range")
    shard.join("b", "t")
    view = describe(shard.group, shard.topics, shard.settings)
    assert (view.name, view.state, view.epoch, view.target_epoch, view.assignor) == ("g", "Reconciling", 2, 2, "range")
    first, second = view.members
    t, u = shard.topics.find("t"), shard.topics.find("u")
    assert first.topics == ("t", "u")
    assert set(first.assigned) == {TopicPartitions(t, (0, 1)), TopicPartitions(u, (0,))}
    assert set(first.target) == {TopicPartitions(t, (0,)), TopicPartitions(u, (0,))}
    assert (second.member.id, second.assigned, second.target) == ("b", (), (TopicPartitions(t, (1,)),))


def test_a_topic_that_was_deleted_is_left_out():
    shard = FakeShard(FakeTopics(t=1, u=1))
    shard.join("a", "t", "u")
    shard.topics.remove("u")
    (member,) = describe(shard.group, shard.topics, shard.settings).members
    assert member.assigned == member.target == (TopicPartitions(shard.topics.find("t"), (0,)),)
