"""JoinGroup of classic members in a consumer group."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.timers import SYNC, timer_key
from cordwood.groups.settings import GroupSettings
from cordwood.model.group_errors import (
    FencedInstance,
    GroupFull,
    InconsistentGroupProtocol,
    InvalidSessionTimeout,
    MemberIdRequired,
    UnknownMember,
)
from tests.groups.consumer.migration.members import assigned, form, joining
from tests.groups.consumer.shard import FakeShard, classic_group
from tests.groups.topics import FakeTopics


@pytest.fixture
def shard():
    shard = FakeShard(FakeTopics(t=4))
    shard.join("m", "t")
    return shard


def test_a_classic_member_joins_and_gets_what_others_give_up(shard):
    reply = shard.tell(joining())
    assert (reply.error, reply.generation, reply.protocol_type, reply.protocol) == (None, 2, "consumer", "range")
    assert (reply.leader, reply.members) == ("", ())
    assert assigned(shard, reply.member_id, 2) == {}
    mine = shard.beat("m", 1, shard.group.members["m"].assigned).assigned
    shard.beat("m", 1, mine)
    again = shard.tell(joining(reply.member_id))
    assert again.generation == 2
    assert len(assigned(shard, reply.member_id, 2)["t"]) == 2


def test_a_classic_member_that_gave_up_takes_the_new_epoch(shard):
    shard = FakeShard(FakeTopics(t=4))
    member_id = form(shard, 0, 1, 2, 3)
    shard.join("m", "t")
    told = shard.tell(joining(member_id, owned={"t": (0, 1, 2, 3)}))
    assert told.generation == 1
    left = assigned(shard, member_id, 1)
    assert len(left["t"]) == 2
    assert shard.tell(joining(member_id, owned=left)).generation == 2
    assert len(shard.beat("m", 2).assigned) == 2


def test_a_member_without_an_id_is_given_one_first(shard):
    reply = shard.tell(joining(require_known_member_id=True))
    assert isinstance(reply.error, MemberIdRequired)
    assert shard.tell(joining(reply.member_id, require_known_member_id=True)).error is None


def test_a_member_that_was_fenced_and_still_reads_is_told(shard):
    assert isinstance(shard.tell(joining("gone", owned={"t": (0,)})).error, UnknownMember)
    assert shard.tell(joining("gone")).error is None


@pytest.mark.parametrize(
    "fields", [{"protocol_type": "connect"}, {"protocols": ()}, {"protocols": (MemberProtocol("range", b"?"),)}]
)
def test_only_consumers_can_join(shard, fields):
    assert isinstance(shard.tell(joining(**fields)).error, InconsistentGroupProtocol)


def test_classic_members_need_a_protocol_in_common(shard):
    said = joining()
    shard.tell(said)
    other = (MemberProtocol("other", said.protocols[0].metadata),)
    assert isinstance(shard.tell(joining(protocols=other)).error, InconsistentGroupProtocol)


@pytest.mark.parametrize("timeout_ms", [-1, 5_999, 1_800_001])
def test_a_session_timeout_has_its_bounds(shard, timeout_ms):
    assert isinstance(shard.tell(joining(session_timeout_ms=timeout_ms)).error, InvalidSessionTimeout)


def test_a_full_group_takes_nobody(shard):
    shard.settings = GroupSettings(consumer_max_size=1)
    assert isinstance(shard.tell(joining()).error, GroupFull)


def test_an_empty_group_becomes_a_classic_one(shard):
    shard.beat("m", -1)
    ticket = shard.ask(joining())
    assert list(classic_group(shard).members)
    shard.advance(3_000)
    assert shard.answers[ticket].generation == 1
    shard.restart()
    assert not isinstance(shard.groups.get("g"), ConsumerGroup)


def test_a_member_that_does_not_sync_is_fenced(shard):
    reply = shard.tell(joining(session_timeout_ms=30_000))
    assert timer_key(SYNC, "g", reply.member_id) in shard.timers
    shard.advance(20_000)
    assert reply.member_id not in shard.group.members


def test_a_static_classic_member_takes_over(shard):
    shard.join("s", "t", instance_id="i")
    reply = shard.tell(joining(instance_id="i"))
    assert "s" not in shard.group.members
    assert shard.group.static_member("i").id == reply.member_id
    assert isinstance(shard.tell(joining("s", instance_id="i")).error, FencedInstance)


@pytest.mark.parametrize("others", [0, 1])
def test_one_that_takes_over_from_the_last_of_the_new_protocol_makes_it_a_classic_group(others):
    shard = FakeShard(FakeTopics(t=4))
    if others:
        form(shard, 0, 1)
    shard.join("s", "t", instance_id="i")
    shard.ask(joining(instance_id="i"))
    group = classic_group(shard)
    assert len(group.members) == 1 + others
    assert "i" in group.instances
