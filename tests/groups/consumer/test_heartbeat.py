"""The life of members by their heartbeats."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer.commands import ConsumerHeartbeat, HeartbeatReply
from cordwood.groups.consumer.member import MemberState
from cordwood.groups.consumer.partitions import NO_PARTITIONS
from cordwood.groups.settings import GroupSettings
from cordwood.model.errors import InvalidRequest
from cordwood.model.group_errors import (
    FencedMemberEpoch,
    GroupFull,
    GroupNotFound,
    InvalidRegularExpression,
    UnknownMember,
)
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


def partitions(shard, topic, *indexes):
    return frozenset((shard.topics.find(topic).id, index) for index in indexes)


@pytest.fixture
def shard():
    return FakeShard(FakeTopics(t=4, u=2))


def test_the_first_member_gets_everything_at_once(shard):
    reply = shard.join("a", "t", "u")
    everything = partitions(shard, "t", 0, 1, 2, 3) | partitions(shard, "u", 0, 1)
    assert reply == HeartbeatReply("a", 1, 5000, everything)
    assert shard.beat("a", 1) == HeartbeatReply("a", 1, 5000, None)
    assert not [record for record in shard.stored if record.group != "g"]


def test_the_broker_makes_the_id_of_a_member_that_speaks_version_0(shard):
    reply = shard.tell(
        ConsumerHeartbeat("g", "", 0, 0, rebalance_timeout_ms=1, topics=frozenset("t"), owned=NO_PARTITIONS)
    )
    assert reply.member_id == "id-1"
    assert "id-1" in shard.group.members


def test_a_partition_changes_hands_only_when_it_was_given_up(shard):
    shard.join("a", "t")
    assert shard.join("b", "t") == HeartbeatReply("b", 2, 5000, NO_PARTITIONS)
    assert shard.beat("b", 2) == HeartbeatReply("b", 2, 5000, None)
    everything = partitions(shard, "t", 0, 1, 2, 3)
    told = shard.beat("a", 1, everything)
    assert told.epoch == 1
    assert len(told.assigned) == 2
    assert shard.beat("a", 1).assigned is None
    assert shard.beat("b", 2).assigned is None
    assert shard.beat("a", 1, told.assigned) == HeartbeatReply("a", 2, 5000, None)
    assert shard.beat("b", 2) == HeartbeatReply("b", 2, 5000, everything - told.assigned)


def test_a_lost_answer_is_told_again(shard):
    shard.join("a", "t")
    everything = partitions(shard, "t", 0, 1, 2, 3)
    shard.join("b", "t")
    told = shard.beat("a", 1, everything)
    assert shard.beat("a", 1, told.assigned).epoch == 2
    again = shard.beat("a", 1, told.assigned, rebalance_timeout_ms=60_000, topics=frozenset("t"))
    assert again == HeartbeatReply("a", 2, 5000, told.assigned)


@pytest.mark.parametrize("epoch", [0 - 1, 1, 3, 99])
def test_another_epoch_is_fenced(shard, epoch):
    shard.join("a", "t")
    everything = partitions(shard, "t", 0, 1, 2, 3)
    shard.join("b", "t")
    shard.beat("a", 1, shard.beat("a", 1, everything).assigned)
    before = shard.group.copy()
    if epoch > 0:
        assert isinstance(shard.beat("a", epoch, everything), FencedMemberEpoch)
        assert shard.group == before
    else:
        assert shard.beat("a", epoch).epoch == -1


def test_a_member_that_joins_again_keeps_its_place(shard):
    first = shard.join("a", "t")
    assert shard.join("a", "t") == first
    assert shard.group.epoch == 1


def test_strangers_and_groups_that_are_not_there(shard):
    assert isinstance(shard.beat("a", 3), GroupNotFound)
    shard.join("a", "t")
    assert isinstance(shard.beat("b", 1), UnknownMember)
    assert isinstance(shard.beat("b", -1), UnknownMember)
    assert isinstance(shard.beat("", 1), InvalidRequest)


def test_a_full_group_takes_nobody():
    shard = FakeShard(FakeTopics(t=1), GroupSettings(consumer_max_size=1))
    shard.join("a", "t")
    assert isinstance(shard.join("b", "t"), GroupFull)
    assert shard.join("a", "t").epoch == 1


def test_another_subscription_is_another_epoch(shard):
    shard.join("a", "t")
    told = shard.beat("a", 1, partitions(shard, "t", 0, 1, 2, 3), topics=frozenset("u"))
    assert told == HeartbeatReply("a", 1, 5000, NO_PARTITIONS)
    assert shard.group.epoch == 2
    assert shard.group.members["a"].state is MemberState.UNREVOKED_PARTITIONS
    assert shard.beat("a", 1, NO_PARTITIONS) == HeartbeatReply("a", 2, 5000, partitions(shard, "u", 0, 1))


def test_what_changes_no_assignment_changes_no_epoch(shard):
    shard.join("a", "t")
    assert shard.beat("a", 1, client_id="other", rack_id="r", assignor="range").epoch == 1
    assert shard.group.members["a"].metadata.client_id == "other"
    assert shard.group.members["a"].metadata.rack_id == "r"


def test_topics_that_change_are_noticed_by_the_next_heartbeat(shard):
    shard.join("a", "t", "new")
    shard.topics.put("other", 1)
    assert shard.beat("a", 1) == HeartbeatReply("a", 1, 5000, None)
    shard.topics.put("t", 5)
    assert shard.beat("a", 1).assigned == partitions(shard, "t", 0, 1, 2, 3, 4)
    shard.topics.put("new", 1)
    told = shard.beat("a", 2)
    assert told.epoch == 3
    assert partitions(shard, "new", 0) <= told.assigned
    shard.topics.remove("t")
    left = shard.beat("a", 3).assigned
    assert left == partitions(shard, "new", 0)
    assert shard.beat("a", 3, left).epoch == 4


def test_a_regular_expression_follows_the_topics(shard):
    told = shard.join("a", topics=None, regex="[tu].*")
    assert told.assigned == partitions(shard, "t", 0, 1, 2, 3) | partitions(shard, "u", 0, 1)
    shard.topics.put("ten", 1)
    assert shard.beat("a", 1).assigned == told.assigned | partitions(shard, "ten", 0)
    shard.topics.put("other", 1)
    assert shard.beat("a", 2).epoch == 2
    assert isinstance(shard.beat("a", 2, regex="("), InvalidRegularExpression)
    assert shard.beat("a", 2, told.assigned | partitions(shard, "ten", 0), regex="").assigned == NO_PARTITIONS
    assert shard.group.regexes == {}


def test_names_and_a_regular_expression_add_up(shard):
    told = shard.join("a", "u", regex="t")
    assert told.assigned == partitions(shard, "t", 0, 1, 2, 3) | partitions(shard, "u", 0, 1)


def test_a_heartbeat_that_changes_nothing_has_no_records(shard):
    shard.join("a", "t")
    stored = list(shard.stored)
    before = shard.group
    shard.beat("a", 1)
    assert shard.stored == stored
    assert shard.group is before
