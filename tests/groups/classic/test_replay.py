"""Records change a group in one way, stored ones alone bring it back, and what cannot be is a mistake of ours."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.records import (
    GenerationBegun,
    GroupRemoved,
    GroupStored,
    MemberIdLapsed,
    MembersRemoved,
    Removal,
    StoredMember,
)
from cordwood.groups.classic.replay import REPLAYS, apply
from cordwood.groups.classic.transitions import State
from tests.groups.classic.shell import RANGE, Shell, join, replayed, stable, stable_state_of

STORED = StoredMember("m", None, "c", "/h", 60_000, 10_000, b"r", b"share")
GENERATION = GroupStored("g", 3, "work", "range", "m", 5, (STORED,))


def test_a_stored_generation_is_stable():
    group = replayed([GENERATION])["g"]
    assert (group.state, group.generation, group.leader, group.state_timestamp_ms) == (State.STABLE, 3, "m", 5)
    member = group.members["m"]
    assert (member.protocols, member.assignment, member.must_sync) == (RANGE, b"share", False)


def test_an_empty_generation_is_empty():
    group = replayed([GENERATION, GroupStored("g", 4, "work")])["g"]
    assert (group.state, group.generation, group.protocol_type, group.leader) == (State.EMPTY, 4, "work", None)
    assert not group.members


def test_an_old_record_has_no_rebalance_timeout():
    old = StoredMember("m", None, "c", "/h", -1, 10_000, b"r", b"")
    assert replayed([GroupStored("g", 1, "work", "range", "m", -1, (old,))])["g"].rebalance_timeout_ms == 10_000


def test_a_leader_that_was_not_stored_is_the_first_member():
    assert replayed([GroupStored("g", 1, "work", "range", None, -1, (STORED,))])["g"].leader == "m"


def test_the_last_stored_generation_counts():
    other = StoredMember("n", "i", "c", "/h", 1, 1, b"new", b"")
    records = [GENERATION, GroupStored("g", 4, "work", "sticky", "n", 6, (other,))]
    assert stable_state_of(replayed(records)["g"]) == stable_state_of(replayed(records[1:])["g"])


def test_a_removed_group_is_gone():
    assert replayed([GENERATION, GroupRemoved("g")]) == {}
    assert replayed([GroupRemoved("g")]) == {}


def test_a_group_of_another_kind_is_not_removed_but_replaced():
    other = object()
    groups = {"g": other}
    REPLAYS[GroupRemoved](groups, GroupRemoved("g"))
    assert groups == {"g": other}
    REPLAYS[GroupStored](groups, GENERATION)
    assert isinstance(groups["g"], ClassicGroup)


def test_what_is_not_stored_of_a_member_is_kept():
    shell = Shell()
    protocols = (*RANGE, MemberProtocol("sticky", b"s"))
    (name,) = stable(shell, protocols=protocols)
    assert shell.group.members[name].protocols == protocols
    shell.restart()
    assert shell.group.members[name].protocols == RANGE


def test_a_removed_leader_is_followed_by_the_next_member():
    shell = Shell()
    names = stable(shell, 3)
    apply(shell.group, MembersRemoved("g", (names[0],), Removal.LEFT))
    assert shell.group.leader in names[1:]
    apply(shell.group, MembersRemoved("g", tuple(shell.group.members), Removal.LEFT))
    assert shell.group.leader is None


@pytest.mark.parametrize("record", [GenerationBegun("g", 1, "range", "m"), MembersRemoved("g", ("m",), Removal.LEFT)])
def test_a_record_that_cannot_follow_is_a_mistake_of_ours(record):
    with pytest.raises(AssertionError, match="Empty cannot see"):
        apply(ClassicGroup("g"), record)


def test_a_lapsed_id_is_pending_no_more():
    shell = Shell()
    pending = shell.told(join(require_known_member_id=True)).member_id
    assert list(shell.group.pending) == [pending]
    apply(shell.group, MemberIdLapsed("g", pending))
    assert not shell.group.pending
