"""A consumer group of classic members only becomes a classic group."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.transitions import State
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.embedded import read_assignment
from cordwood.groups.settings import GroupSettings
from cordwood.model.group_errors import RebalanceInProgress
from tests.groups.consumer.migration.members import assigned, beat, form, joining
from tests.groups.consumer.shard import FakeShard, classic_group
from tests.groups.topics import FakeTopics


@pytest.fixture
def shard():
    return FakeShard(FakeTopics(t=4))


def test_the_last_member_of_the_new_protocol_goes(shard):
    member_id = form(shard, 0, 1, 2, 3)
    shard.join("m", "t")
    shard.beat("m", -1)
    group = classic_group(shard)
    assert (group.state, group.generation, group.protocol, group.leader) == (
        State.PREPARING_REBALANCE, 2, "range", member_id,
    )  # fmt: skip
    assert read_assignment(group.members[member_id].assignment).partitions == {"t": (0, 1, 2, 3)}
    assert isinstance(beat(shard, member_id, 2), RebalanceInProgress)
    assert not [key for key in shard.timers if key[0].startswith("consumer")]


def test_the_last_member_of_the_new_protocol_is_fenced(shard):
    member_id = form(shard, 0, 1, 2, 3)
    shard.join("m", "t")
    for _ in range(9):
        told = shard.tell(joining(member_id))
        assigned(shard, member_id, told.generation)
        assert isinstance(shard.groups["g"], ConsumerGroup)
        shard.advance(5_000)
    assert list(classic_group(shard).members) == [member_id]


def test_the_records_bring_it_back(shard):
    member_id = form(shard, 0, 1, 2, 3)
    shard.join("m", "t")
    shard.beat("m", -1)
    shard.restart()
    assert list(classic_group(shard).members) == [member_id]
    assert classic_group(shard).generation == 2


@pytest.mark.parametrize("fields", [{"consumer_migration_policy": "upgrade"}, {"max_size": 0}])
def test_settings_can_forbid_it(fields, shard):
    member_id = form(shard, 0)
    shard.join("m", "t")
    shard.settings = GroupSettings(0, **fields)
    shard.beat("m", -1)
    assert list(shard.group.members) == [member_id]
