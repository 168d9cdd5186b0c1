"""A rebalance waits for its members, but not for ever, and a first one waits for more."""

from __future__ import annotations

from cordwood.groups.classic.rebalance import initial_delay
from cordwood.groups.classic.records import InitialDelay, MembersRemoved, Removal
from cordwood.groups.classic.transitions import State
from cordwood.groups.settings import GroupSettings
from cordwood.model import group_errors
from tests.groups.classic.shell import Shell, heartbeat, join, leave, stable, sync

DELAYED = GroupSettings(initial_rebalance_delay_ms=3_000)


def test_a_first_rebalance_waits_for_more():
    shell = Shell(DELAYED)
    ticket = shell.ask(join())
    shell.advance(2_999)
    assert not shell.is_told(ticket)
    shell.advance(1)
    assert shell.answers[ticket].generation == 1


def test_each_newcomer_makes_it_wait_on():
    shell = Shell(DELAYED)
    tickets = [shell.ask(join())]
    for _ in range(3):
        shell.advance(2_000)
        tickets.append(shell.ask(join()))
    shell.advance(2_999)
    assert not any(map(shell.is_told, tickets))
    shell.advance(3_001)
    assert {shell.answers[ticket].generation for ticket in tickets} == {1}


def test_it_does_not_wait_longer_than_the_rebalance_timeout():
    shell = Shell(DELAYED)
    first = shell.ask(join(rebalance_timeout_ms=10_000))
    for _ in range(9):
        shell.advance(1_000)
        shell.ask(join())
    assert not shell.is_told(first)
    shell.advance(1_000)
    assert shell.is_told(first)


def test_the_initial_delay_is_part_of_the_rebalance_timeout():
    assert initial_delay(10_000, DELAYED) == InitialDelay(3_000, 7_000)
    assert initial_delay(1_000, DELAYED) == InitialDelay(3_000, 0)


def test_all_who_leave_a_first_rebalance_leave_an_empty_group():
    shell = Shell(DELAYED)
    shell.ask(join())
    shell.told(leave("c-id1"))
    assert shell.state is State.PREPARING_REBALANCE
    shell.advance(3_000)
    assert shell.state is State.EMPTY
    assert shell.group.generation == 1


def test_who_does_not_rejoin_in_time_is_out():
    shell = Shell()
    one, two = stable(shell, 2, session_timeout_ms=100_000)
    newcomer = shell.ask(join())
    rejoined = shell.ask(join(two))
    shell.advance(59_999)
    assert not shell.is_told(newcomer)
    shell.advance(1)
    assert shell.answers[rejoined].generation == 2
    assert shell.group.leader == two
    assert MembersRemoved("g", (one,), Removal.NOT_REJOINED) in shell.records
    assert isinstance(shell.told(heartbeat(one, 2)), group_errors.UnknownMember)


def test_nobody_rejoins_and_the_group_is_empty():
    shell = Shell()
    one, _ = stable(shell, 2, session_timeout_ms=100_000)
    shell.told(leave(one))
    shell.advance(60_000)
    assert shell.state is State.EMPTY


def test_absent_static_members_stay_until_their_session_ends():
    shell = Shell()
    ticket = shell.ask(join(instance_id="i", session_timeout_ms=200_000, rebalance_timeout_ms=30_000))
    shell.settle()
    static = shell.answers[ticket].member_id
    shell.told(sync(static, 1, static, instance_id="i"))
    newcomer = shell.ask(join(session_timeout_ms=100_000, rebalance_timeout_ms=30_000))
    shell.advance(30_000)
    assert shell.answers[newcomer].leader == shell.answers[newcomer].member_id
    assert set(shell.group.members) == {static, shell.answers[newcomer].member_id}


def test_only_static_members_are_left_and_none_joins():
    shell = Shell()
    tickets = [shell.ask(join(instance_id=i, session_timeout_ms=300_000)) for i in "ik"]
    shell.settle()
    one, two = (shell.answers[ticket].member_id for ticket in tickets)
    shell.told(sync(one, 1, one, two, instance_id="i"))
    shell.told(sync(two, 1, instance_id="k"))
    shell.told(leave((one, "i")))
    shell.advance(120_000)
    assert shell.state is State.PREPARING_REBALANCE
    assert list(shell.group.members) == [two]
    newcomer = shell.ask(join())
    shell.advance(60_000)
    assert shell.answers[newcomer].generation == 2


def test_the_session_begins_anew_with_the_generation():
    shell = Shell()
    (one,) = stable(shell)
    shell.advance(9_000)
    shell.ask(join(one))
    shell.advance(9_000)
    assert one in shell.group.members


def test_a_generation_of_many_takes_few_records():
    shell = Shell()
    names = stable(shell, 50)
    before = len(shell.stored)
    for name in names:
        shell.ask(join(name))
    assert shell.state is State.COMPLETING_REBALANCE
    for name in reversed(names):
        shell.ask(sync(name, 2, *(names if name == names[0] else ())))
    assert shell.state is State.STABLE
    assert len(shell.stored) == before + 1
