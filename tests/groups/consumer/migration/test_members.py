"""SyncGroup, Heartbeat and LeaveGroup of classic members in a consumer group."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.commands import Heartbeat, Leave, Leaving, Sync
from cordwood.groups.consumer.timers import JOIN, SYNC, timer_key
from cordwood.model.group_errors import (
    FencedInstance,
    IllegalGeneration,
    InconsistentGroupProtocol,
    RebalanceInProgress,
    UnknownMember,
)
from tests.groups.consumer.migration.members import assigned, beat, joining
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


@pytest.fixture
def shard():
    shard = FakeShard(FakeTopics(t=4))
    shard.join("m", "t")
    return shard


@pytest.fixture
def classic(shard):
    """A member that has joined and synced, at epoch 2."""
    member_id = shard.tell(joining()).member_id
    assigned(shard, member_id, 2)
    return member_id


def test_a_sync_ends_the_wait_for_it(shard, classic):
    assert timer_key(SYNC, "g", classic) not in shard.timers


def test_a_member_that_waits_for_others_may_go_on(shard, classic):
    assert beat(shard, classic, 2) is None
    shard.beat("m", 1, shard.beat("m", 1, shard.group.members["m"].assigned).assigned)
    assert isinstance(beat(shard, classic, 2), RebalanceInProgress)


def test_a_member_that_is_behind_is_told_to_join_and_has_its_time(shard, classic):
    shard.join("n", "t")
    assert isinstance(beat(shard, classic, 2), RebalanceInProgress)
    sync = shard.tell(Sync("g", classic, None, 2, "consumer", "range"))
    assert isinstance(sync, RebalanceInProgress)
    for _ in range(3):
        shard.advance(6_000)
        beat(shard, classic, 2)
    assert classic in shard.group.members
    shard.advance(2_000)
    assert classic not in shard.group.members


def test_joining_ends_the_wait_for_it(shard, classic):
    shard.join("n", "t")
    beat(shard, classic, 2)
    assert timer_key(JOIN, "g", classic) in shard.timers
    assert shard.group.awaited == {classic}
    assert shard.tell(joining(classic)).generation == 3
    assert timer_key(JOIN, "g", classic) not in shard.timers
    assert not shard.group.awaited


def test_a_silent_member_is_fenced_by_its_own_timeout(shard, classic):
    shard.advance(9_999)
    assert classic in shard.group.members
    shard.advance(1)
    assert classic not in shard.group.members


@pytest.mark.parametrize("command", [Heartbeat, Sync])
def test_who_speaks_is_checked(shard, classic, command):
    assert isinstance(shard.tell(command("g", "stranger", None, 2)), UnknownMember)
    assert isinstance(shard.tell(command("g", "m", None, 2)), UnknownMember)
    assert isinstance(shard.tell(command("g", classic, None, 1)), IllegalGeneration)
    member_id = shard.tell(joining(instance_id="i")).member_id
    assert member_id
    assert isinstance(shard.tell(command("g", "x", "i", 2)), FencedInstance)


def test_a_sync_has_to_name_the_protocol_it_was_told(shard, classic):
    assert isinstance(shard.tell(Sync("g", classic, None, 2, "connect", None)), InconsistentGroupProtocol)
    assert isinstance(shard.tell(Sync("g", classic, None, 2, None, "other")), InconsistentGroupProtocol)


def test_members_leave_by_id_and_by_instance(shard, classic):
    static = shard.tell(joining(instance_id="i")).member_id
    leaving = (Leaving(classic), Leaving("", "i"), Leaving("stranger"), Leaving("m"), Leaving("x", "i"))
    told = shard.tell(Leave("g", leaving)).members
    errors = [type(member.error) for member in told]
    assert errors == [type(None), type(None), UnknownMember, UnknownMember, FencedInstance]
    assert list(shard.group.members) == ["m"]
    assert static not in shard.group.members


def test_nobody_leaves_when_nobody_is_known(shard, classic):
    epoch = shard.group.epoch
    shard.tell(Leave("g", (Leaving("stranger"),)))
    assert shard.group.epoch == epoch
