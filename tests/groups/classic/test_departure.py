"""Members leave, are silent, or never come back: the others rebalance, once, and the last one leaves a group behind."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.groups.classic.commands import Leave, Leaving
from cordwood.groups.classic.records import GroupStored, MembersRemoved, Removal
from cordwood.groups.classic.transitions import State
from cordwood.model import group_errors
from tests.groups.classic.shell import Shell, heartbeat, join, leave, stable, sync


def errors_of(reply: Any) -> list[type | None]:
    """The kinds of errors of a reply to a Leave."""
    return [type(left.error) if left.error else None for left in reply.members]


def test_a_member_that_leaves_is_gone_at_once():
    shell = Shell()
    one, two = stable(shell, 2)
    assert errors_of(shell.told(leave(two))) == [None]
    assert list(shell.group.members) == [one]
    assert shell.state is State.PREPARING_REBALANCE
    assert isinstance(shell.told(heartbeat(one, 1)), group_errors.RebalanceInProgress)


def test_the_last_member_leaves_an_empty_group():
    shell = Shell()
    (one,) = stable(shell)
    shell.told(leave(one))
    assert shell.state is State.EMPTY
    assert shell.stored[-1] == GroupStored("g", 2, "work", state_timestamp_ms=shell.now_ms)
    assert not shell.deadlines


def test_many_leave_with_one_rebalance():
    shell = Shell()
    names = stable(shell, 3)
    reply = shell.told(leave(names[0], names[1], names[1], "stranger"))
    assert errors_of(reply) == [None, None, group_errors.UnknownMember, group_errors.UnknownMember]
    removed = [record for record in shell.records if isinstance(record, MembersRemoved)]
    assert removed == [MembersRemoved("g", (names[0], names[1]), Removal.LEFT)]


def test_static_members_leave_by_instance_id():
    shell = Shell()
    shell.ask(join(instance_id="i"))
    shell.ask(join(instance_id="k"))
    shell.settle()
    reply = shell.told(leave(("", "i"), ("", "j"), ("wrong", "k"), ("", "")))
    assert errors_of(reply) == [
        None,
        group_errors.UnknownMember,
        group_errors.FencedInstance,
        group_errors.UnknownMember,
    ]
    assert [left.instance_id for left in reply.members] == ["i", "j", "k", ""]
    assert list(shell.group.instances) == ["k"]


def test_nobody_leaves_a_group_that_is_not():
    shell = Shell()
    assert errors_of(shell.told(leave("a", "b"))) == [group_errors.UnknownMember] * 2
    assert isinstance(shell.told(Leave("", (Leaving("a"),))), group_errors.InvalidGroupId)


def test_a_given_id_is_given_back_without_a_rebalance():
    shell = Shell()
    stable(shell)
    pending = shell.told(join(require_known_member_id=True)).member_id
    assert errors_of(shell.told(leave(pending))) == [None]
    assert shell.state is State.STABLE
    assert not shell.group.pending


def test_a_given_id_given_back_lets_joining_complete():
    shell = Shell()
    (one,) = stable(shell)
    pending = shell.told(join(require_known_member_id=True)).member_id
    waiting = shell.ask(join(one))
    shell.told(leave(pending))
    assert shell.answers[waiting].generation == 2


def test_who_waits_to_join_and_leaves_is_unknown():
    shell = Shell()
    one, two = stable(shell, 2)
    waiting = shell.ask(join(one))
    shell.told(leave(one))
    reply = shell.answers[waiting]
    assert isinstance(reply.error, group_errors.UnknownMember)
    assert reply.member_id == ""
    assert list(shell.group.members) == [two]


def test_who_waits_to_sync_and_leaves_is_unknown_and_the_others_go_back():
    shell = Shell()
    tickets = [shell.ask(join()) for _ in range(3)]
    shell.settle()
    leader, two, three = (shell.answers[ticket].member_id for ticket in tickets)
    waiting = [shell.ask(sync(two, 1)), shell.ask(sync(three, 1))]
    shell.told(leave(two))
    assert isinstance(shell.answers[waiting[0]], group_errors.UnknownMember)
    assert isinstance(shell.answers[waiting[1]], group_errors.RebalanceInProgress)
    assert set(shell.group.members) == {leader, three}


def test_the_last_to_wait_for_leaves_and_joining_completes():
    shell = Shell()
    one, two = stable(shell, 2)
    waiting = shell.ask(join(one))
    assert not shell.is_told(waiting)
    shell.told(leave(two))
    assert shell.answers[waiting].generation == 2


def test_a_silent_member_is_removed():
    shell = Shell()
    one, two = stable(shell, 2)
    shell.advance(5_000)
    shell.told(heartbeat(one, 1))
    shell.advance(5_000)
    assert list(shell.group.members) == [one]
    assert MembersRemoved("g", (two,), Removal.EXPIRED) in shell.records


def test_all_silent_leave_an_empty_group():
    shell = Shell()
    stable(shell, 3)
    shell.advance(10_000)
    assert shell.state is State.EMPTY
    assert not shell.deadlines


def test_who_waits_for_the_group_is_not_silent():
    shell = Shell()
    one, two = stable(shell, 2, session_timeout_ms=30_000)
    waiting = shell.ask(join(one, session_timeout_ms=6_000))
    shell.advance(29_000)
    shell.told(heartbeat(two, 1))
    shell.advance(20_000)
    assert set(shell.group.members) == {one, two}
    assert not shell.is_told(waiting)


def test_a_new_member_is_not_waited_for_for_ever():
    shell = Shell()
    (one,) = stable(shell, session_timeout_ms=100_000, rebalance_timeout_ms=1_000_000)
    waiting = shell.ask(join())
    for _ in range(10):
        shell.advance(30_000)
        shell.told(heartbeat(one, 1))
    assert isinstance(shell.answers[waiting].error, group_errors.UnknownMember)
    assert list(shell.group.members) == [one]


def test_one_that_never_comes_with_its_id_is_forgotten():
    shell = Shell()
    shell.told(join(require_known_member_id=True))
    shell.advance(10_000)
    assert not shell.group.pending
    assert shell.state is State.EMPTY


@pytest.mark.parametrize("purpose", ["classic-session", "classic-join", "classic-sync"])
def test_a_timer_that_comes_too_late_does_nothing(purpose):
    shell = Shell()
    stable(shell)
    shell.deadlines[(purpose, "g", "stranger")] = shell.now_ms
    shell.deadlines[(purpose, "other", "stranger")] = shell.now_ms
    before = len(shell.records)
    shell.settle()
    assert len(shell.records) == before
