"""A classic group becomes a consumer group when a member of the new protocol joins it."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.records import GroupRemoved
from cordwood.groups.consumer.member import MemberState
from cordwood.groups.settings import GroupSettings
from cordwood.model.group_errors import CoordinatorLoading, GroupNotFound, RebalanceInProgress
from tests.groups.consumer.migration.members import beat, form, joining
from tests.groups.consumer.shard import FakeShard, classic_group
from tests.groups.topics import FakeTopics


def test_members_keep_what_they_have_and_are_told_to_join():
    shard = FakeShard(FakeTopics(t=4))
    member_id = form(shard, 0, 1, 2, 3)
    reply = shard.join("m", "t")
    assert reply.assigned == frozenset()
    group = shard.group
    former = group.members[member_id]
    assert (former.epoch, former.state, len(former.assigned)) == (1, MemberState.STABLE, 4)
    assert former.metadata.topics == {"t"}
    assert group.epoch == reply.epoch == 2
    assert isinstance(beat(shard, member_id, 1), RebalanceInProgress)
    assert not [key for key in shard.timers if key[0].startswith("classic")]


def test_the_records_bring_it_back():
    shard = FakeShard(FakeTopics(t=4))
    member_id = form(shard, 0, 1, 2, 3)
    shard.join("m", "t")
    assert GroupRemoved("g") in shard.stored
    before = shard.group.copy()
    shard.restart()
    before.topics_version = None
    assert shard.group == before
    assert ("consumer-session", "g", member_id) in shard.timers


def test_whoever_waits_is_sent_to_join_again():
    shard = FakeShard(FakeTopics(t=4), GroupSettings(initial_rebalance_delay_ms=3_000))
    ticket = shard.ask(joining())
    shard.join("m", "t")
    assert isinstance(shard.answers[ticket].error, CoordinatorLoading)
    assert list(shard.group.members) == ["m"]


def test_an_empty_group_is_replaced():
    shard = FakeShard(FakeTopics(t=4))
    form(shard, 0)
    shard.advance(10_001)
    assert not classic_group(shard).members
    assert len(shard.join("m", "t").assigned) == 4


@pytest.mark.parametrize(
    "settings",
    [GroupSettings(0, consumer_migration_policy="downgrade"), GroupSettings(0, consumer_max_size=0)],
)
def test_settings_can_forbid_it(settings):
    shard = FakeShard(FakeTopics(t=4), settings)
    form(shard, 0)
    assert isinstance(shard.join("m", "t"), GroupNotFound)
    assert classic_group(shard).members


def test_members_that_are_no_consumers_cannot_be_upgraded():
    shard = FakeShard(FakeTopics(t=4))
    shard.ask(joining(protocol_type="connect"))
    shard.advance(0)
    assert isinstance(shard.join("m", "t"), GroupNotFound)
    assert isinstance(shard.beat("m", 1), GroupNotFound)
