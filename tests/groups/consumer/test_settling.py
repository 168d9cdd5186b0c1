"""What a member says comes to an epoch, a target and a step, each only where it has to."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.groups.consumer import records
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.member import MemberMetadata
from cordwood.groups.consumer.settling import settle
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


@pytest.fixture
def shard():
    shard = FakeShard(FakeTopics(t=2, u=1))
    shard.join("a", "t")
    return shard


def settled(shard, owned=None, **fields):
    draft = Draft(shard.groups, "g")
    member = shard.group.members["a"]
    metadata = msgspec.structs.replace(member.metadata, **fields)
    return settle(draft, member, metadata, owned, shard.turn()), [type(record) for record in draft.result().records]


def test_nothing_new_comes_to_nothing(shard):
    assert settled(shard) == (shard.group.members["a"], [])


def test_what_assignors_do_not_see_is_only_stored(shard):
    member, made = settled(shard, client_host="elsewhere")
    assert made == [records.MemberStored]
    assert member.metadata == MemberMetadata(None, None, "", "elsewhere", frozenset({"t"}), "", 60_000)


def test_another_subscription_takes_all_steps_in_their_order(shard):
    _, made = settled(shard, topics=frozenset({"t", "u"}))
    assert made == [
        records.MemberStored,
        records.EpochStored,
        records.TargetStored,
        records.TargetEpochStored,
        records.CurrentStored,
    ]


def test_topics_that_matter_to_nobody_are_seen_once(shard):
    shard.topics.put("other", 1)
    assert settled(shard)[1] == [records.TopicsSeen]
    shard.beat("a", 1)
    assert settled(shard)[1] == []
