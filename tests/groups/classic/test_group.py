"""A group counts what its members know, finds who says who they are, and chooses a protocol by vote."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member, MemberProtocol
from cordwood.groups.classic.transitions import Event, State
from cordwood.model.decision import Ticket
from cordwood.model.group_errors import FencedInstance, UnknownMember
from tests.groups.classic.shell import check_counts, state_of, subscribed


def member(member_id: str, *protocols: str, **changes: object) -> Member:
    """A member that knows these protocols."""
    known = tuple(MemberProtocol(name, b"") for name in protocols or ("range",))
    return Member(member_id, changes.pop("instance_id", None), "c", "/h", 10_000, 60_000, known, **changes)


def filled(*members: Member) -> ClassicGroup:
    """A group that prepares a rebalance with these members."""
    group = ClassicGroup("g")
    group.move(Event.MEMBER_JOINED)
    group.protocol_type = "work"
    group.leader = members[0].member_id if members else None
    for each in members:
        group.put(each)
    return group


def test_a_fork_is_changed_alone():
    group = filled(member("a", instance_id="i"))
    group.pending["p"] = None
    before = state_of(group)
    fork = group.fork()
    assert state_of(fork) == before
    fork.put(member("b"))
    fork.drop("a")
    fork.pending.clear()
    fork.move(Event.GENERATION_BEGUN)
    assert state_of(group) == before


def test_counts_follow_the_members():
    group = filled(member("a", "x", "y", instance_id="i"), member("b", "x", must_sync=True))
    group.put(member("a", "x", "z", instance_id="i", join_ticket=Ticket(1)))
    check_counts(group)
    assert dict(group.support) == {"x": 2, "z": 1}
    assert (group.awaiting_join, group.unsynced) == (1, 1)
    group.drop("b")
    check_counts(group)
    assert group.has_all_joined
    group.pending["p"] = None
    assert not group.has_all_joined


def test_a_protocol_named_twice_counts_once():
    group = filled(member("a", "x", "x"))
    assert dict(group.support) == {"x": 1}


def test_a_member_is_who_it_says():
    group = filled(member("a", instance_id="i"), member("b"))
    assert group.member("a", "i").member_id == group.member("a", None).member_id == "a"
    with pytest.raises(FencedInstance):
        group.member("b", "i")
    with pytest.raises(UnknownMember):
        group.member("b", "other")
    with pytest.raises(UnknownMember):
        group.member("c", None)


def test_most_votes_among_what_all_know():
    group = filled(member("a", "z", "x", "y"), member("b", "y", "x"), member("c", "y", "x"))
    assert group.choose_protocol() == "y"
    group.put(member("b", "x", "y"))
    assert group.choose_protocol() == "x"


def test_a_tie_leaves_the_protocol_as_it_is():
    group = filled(member("a", "x", "y"), member("b", "y", "x"))
    assert group.choose_protocol() == "x"
    group.protocol = "y"
    assert group.choose_protocol() == "y"


def test_who_fits():
    empty = ClassicGroup("g")
    assert empty.fits("work", ["x"])
    assert not empty.fits("", ["x"])
    assert not empty.fits("work", [])
    group = filled(member("a", "x", "y"), member("b", "x"))
    assert group.fits("work", ["x", "z"])
    assert not group.fits("work", ["y"])
    assert not group.fits("work", [])
    assert not group.fits("connect", ["x"])


def test_the_longest_rebalance_timeout_counts():
    assert filled().rebalance_timeout_ms == 0
    assert filled(member("a"), member("b")).rebalance_timeout_ms == 60_000


def test_topics_are_those_of_the_generation():
    group = filled(Member("a", None, "c", "/h", 1, 1, (subscribed("orders"),)))
    assert group.topics() is None
    group.protocol_type = "consumer"
    assert group.topics() is None
    group.protocol = "range"
    group.note_subscriptions()
    assert group.topics() == {"orders"}
    group.put(member("b"))
    assert group.topics() == {"orders"}
    group.note_subscriptions()
    assert group.topics() is None
    group.clear()
    group.note_subscriptions()
    assert group.topics() == frozenset()


def test_a_move_tells_the_state_before():
    group = ClassicGroup("g")
    assert group.is_empty
    assert group.move(Event.MEMBER_JOINED) is State.EMPTY
    assert not group.is_empty
