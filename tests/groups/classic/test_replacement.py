"""A static member that restarts takes its place again: the old id is fenced, the others notice nothing if they can."""

from __future__ import annotations

from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.transitions import State
from cordwood.model import group_errors
from tests.groups.classic.shell import Shell, heartbeat, join, subscribed, sync

SKIPPING = {"supports_skipping_assignment": True}


def static_group(shell: Shell, **changes: object) -> list[str]:
    """A stable group of the instances i (the leader) and k: their member ids."""
    tickets = [shell.ask(join(instance_id=instance_id, **changes)) for instance_id in "ik"]
    shell.settle()
    one, two = (shell.answers[ticket].member_id for ticket in tickets)
    shell.ask(sync(two, 1, instance_id="k"))
    shell.ask(sync(one, 1, one, two, instance_id="i"))
    return [one, two]


def test_a_follower_comes_back_without_a_rebalance():
    shell = Shell()
    leader, old = static_group(shell)
    reply = shell.told(join(instance_id="k", client_host="/new", **SKIPPING))
    assert (reply.error, reply.generation, reply.leader, reply.skip_assignment) == (None, 1, leader, False)
    assert shell.state is State.STABLE
    assert shell.told(sync(reply.member_id, 1, instance_id="k")).assignment == b"for " + old.encode()
    assert isinstance(shell.told(heartbeat(old, 1, "k")), group_errors.FencedInstance)
    assert isinstance(shell.told(heartbeat(old, 1)), group_errors.UnknownMember)
    assert shell.told(heartbeat(reply.member_id, 1, "k")) is None
    assert {member.client_host for member in shell.stored[-1].members} == {"/host", "/new"}


def test_a_leader_comes_back_and_need_not_assign():
    shell = Shell()
    old, follower = static_group(shell)
    reply = shell.told(join(instance_id="i", **SKIPPING))
    assert (reply.leader, reply.skip_assignment) == (reply.member_id, True)
    assert {member.member_id for member in reply.members} == {reply.member_id, follower}
    assert shell.group.leader == reply.member_id
    assert shell.told(sync(reply.member_id, 1, instance_id="i")).assignment == b"for " + old.encode()


def test_a_leader_that_knows_no_skipping_is_told_to_follow():
    shell = Shell()
    old, _ = static_group(shell)
    reply = shell.told(join(instance_id="i"))
    assert (reply.leader, reply.members, reply.skip_assignment) == (old, (), False)
    assert shell.group.leader == reply.member_id


def test_a_restart_of_the_broker_knows_the_new_id():
    shell = Shell()
    static_group(shell)
    new = shell.told(join(instance_id="k")).member_id
    shell.restart()
    assert shell.told(heartbeat(new, 1, "k")) is None


def test_the_old_session_is_over():
    shell = Shell()
    one, _ = static_group(shell)
    shell.advance(6_000)
    new = shell.told(join(instance_id="k")).member_id
    shell.told(heartbeat(one, 1, "i"))
    shell.advance(9_000)
    assert set(shell.group.members) == {one, new}


def test_another_protocol_takes_a_rebalance():
    shell = Shell()
    both = (MemberProtocol("sticky", b""), MemberProtocol("range", b""))
    static_group(shell, protocols=both)
    other = (both[1], both[0])
    assert not shell.is_told(shell.ask(join(instance_id="i", protocols=both[1:])))
    assert shell.state is State.PREPARING_REBALANCE
    shell = Shell()
    static_group(shell, protocols=both)
    assert shell.is_told(shell.ask(join(instance_id="i", protocols=other)))


def test_other_topics_take_a_rebalance_but_other_user_data_do_not():
    shell = Shell()
    consumer = {"protocol_type": "consumer"}
    static_group(shell, protocols=(subscribed("a", "b"),), **consumer)
    same = (subscribed("b", "a", version=3),)
    assert shell.told(join(instance_id="k", protocols=same, **consumer)).generation == 1
    fewer = (subscribed("a"),)
    assert not shell.is_told(shell.ask(join(instance_id="k", protocols=fewer, **consumer)))


def test_who_waits_under_the_old_id_is_fenced():
    shell = Shell()
    one, two = static_group(shell)
    joining = shell.ask(join(one, instance_id="i"))
    again = shell.ask(join(instance_id="i"))
    reply = shell.answers[joining]
    assert isinstance(reply.error, group_errors.FencedInstance)
    assert reply.member_id == one
    shell.ask(join(two, instance_id="k"))
    assert shell.answers[again].generation == 2
    assert shell.group.leader == shell.answers[again].member_id


def test_while_the_leader_assigns_everybody_goes_back():
    shell = Shell()
    tickets = [shell.ask(join(instance_id=instance_id)) for instance_id in "ik"]
    shell.settle()
    one, two = (shell.answers[ticket].member_id for ticket in tickets)
    waiting = shell.ask(sync(two, 1, instance_id="k"))
    shell.ask(join(instance_id="k"))
    assert isinstance(shell.answers[waiting], group_errors.FencedInstance)
    assert shell.state is State.PREPARING_REBALANCE
    assert isinstance(shell.told(sync(one, 1, one, two, instance_id="i")), group_errors.RebalanceInProgress)


def test_a_member_that_has_to_sync_has_to_under_its_new_id():
    shell = Shell()
    tickets = [shell.ask(join(instance_id=instance_id, session_timeout_ms=100_000)) for instance_id in "ik"]
    shell.settle()
    one, two = (shell.answers[ticket].member_id for ticket in tickets)
    shell.ask(sync(one, 1, one, two, instance_id="i"))
    new = shell.told(join(instance_id="k", session_timeout_ms=100_000)).member_id
    assert shell.group.members[new].must_sync
    shell.advance(60_000)
    assert list(shell.group.members) == [one]
