"""The leader's assignment reaches everybody once; who is not of the generation gets nothing."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.transitions import State
from cordwood.model import group_errors
from tests.groups.classic.shell import Shell, heartbeat, join, leave, stable, sync


def completing(shell: Shell, count: int = 2, **changes: object) -> list[str]:
    """A group whose leader is about to assign; the leader first."""
    tickets = [shell.ask(join(**changes)) for _ in range(count)]
    shell.settle()
    assert shell.state is State.COMPLETING_REBALANCE
    return [shell.answers[ticket].member_id for ticket in tickets]


def test_followers_wait_for_the_leader():
    shell = Shell()
    leader, follower = completing(shell)
    waiting = shell.ask(sync(follower, 1))
    assert not shell.is_told(waiting)
    reply = shell.told(sync(leader, 1, leader, follower, "stranger"))
    assert (reply.protocol_type, reply.protocol) == ("work", "range")
    assert reply.assignment == b"for " + leader.encode()
    assert shell.answers[waiting].assignment == b"for " + follower.encode()
    assert shell.state is State.STABLE
    assert len(shell.stored[-1].members) == 2


def test_a_late_follower_is_told_at_once():
    shell = Shell()
    leader, follower = completing(shell)
    shell.told(sync(leader, 1, leader))
    assert shell.told(sync(follower, 1)).assignment == b""
    assert shell.told(sync(leader, 1)).assignment == b"for " + leader.encode()
    assert shell.group.unsynced == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"generation": 0}, group_errors.IllegalGeneration),
        ({"member_id": "m"}, group_errors.UnknownMember),
        ({"group": "other"}, group_errors.UnknownMember),
        ({"group": ""}, group_errors.InvalidGroupId),
        ({"instance_id": "i"}, group_errors.UnknownMember),
        ({"protocol": "sticky"}, group_errors.InconsistentGroupProtocol),
        ({"protocol_type": "connect"}, group_errors.InconsistentGroupProtocol),
    ],
)
def test_who_is_not_of_the_generation_is_refused(changes, error):
    shell = Shell()
    leader, _ = completing(shell)
    fields = {"group": "g", "member_id": leader, "instance_id": None, "generation": 1} | changes
    command = type(sync("m", 1))(**fields)
    assert isinstance(shell.told(command), error)
    assert shell.state is State.COMPLETING_REBALANCE


def test_the_protocol_may_be_named():
    shell = Shell()
    leader, _ = completing(shell)
    assert shell.told(sync(leader, 1, protocol_type="work", protocol="range")).protocol == "range"


def test_nobody_syncs_while_members_join():
    shell = Shell()
    _, follower = stable(shell, 2)
    shell.ask(join())
    assert isinstance(shell.told(sync(follower, 1)), group_errors.RebalanceInProgress)


def test_a_sync_that_is_sent_again_takes_the_place_of_the_first():
    shell = Shell()
    leader, follower = completing(shell)
    first, second = shell.ask(sync(follower, 1)), shell.ask(sync(follower, 1))
    assert isinstance(shell.answers[first], group_errors.RebalanceInProgress)
    shell.ask(sync(leader, 1, leader, follower))
    assert shell.answers[second].assignment == b"for " + follower.encode()


def test_who_does_not_sync_in_time_is_out():
    shell = Shell()
    leader, follower = completing(shell, session_timeout_ms=100_000)
    waiting = shell.ask(sync(follower, 1))
    shell.advance(60_000)
    assert isinstance(shell.answers[waiting], group_errors.RebalanceInProgress)
    assert list(shell.group.members) == [follower]
    assert isinstance(shell.told(heartbeat(leader, 1)), group_errors.UnknownMember)


def waited_beyond_its_session(shell: Shell) -> tuple[str, str]:
    """A leader about to assign and a follower that has waited for it longer than its session: both ids."""
    leader, follower = completing(shell, 2)
    shell.ask(sync(follower, 1))
    shell.advance(7_000)
    shell.told(heartbeat(leader, 1))
    shell.advance(7_000)
    assert ("classic-session", "g", follower) not in shell.deadlines
    return leader, follower


def test_the_session_begins_anew_with_the_share():
    shell = Shell()
    leader, follower = waited_beyond_its_session(shell)
    shell.told(sync(leader, 1, leader, follower))
    assert shell.deadlines[("classic-session", "g", follower)] == shell.now_ms + 10_000


def test_the_session_begins_anew_for_those_who_are_sent_back():
    shell = Shell()
    _, follower = waited_beyond_its_session(shell)
    shell.ask(join())
    assert shell.deadlines[("classic-session", "g", follower)] == shell.now_ms + 10_000


def test_when_all_have_synced_nobody_is_late():
    shell = Shell()
    names = stable(shell, 2, session_timeout_ms=100_000)
    shell.advance(60_000)
    assert list(shell.group.members) == names
    assert shell.state is State.STABLE


def test_a_heartbeat_keeps_the_session():
    shell = Shell()
    (one,) = stable(shell)
    for _ in range(3):
        shell.advance(9_000)
        assert shell.told(heartbeat(one, 1)) is None
    shell.advance(10_000)
    assert isinstance(shell.told(heartbeat(one, 1)), group_errors.UnknownMember)


def test_a_heartbeat_tells_of_a_rebalance():
    shell = Shell()
    one, _ = stable(shell, 2)
    shell.ask(join())
    assert isinstance(shell.told(heartbeat(one, 1)), group_errors.RebalanceInProgress)


def test_a_heartbeat_is_welcome_while_the_leader_assigns():
    shell = Shell()
    leader, _ = completing(shell)
    assert shell.told(heartbeat(leader, 1)) is None
    assert isinstance(shell.told(heartbeat(leader, 0)), group_errors.IllegalGeneration)


def test_an_empty_group_knows_nobody():
    shell = Shell()
    (one,) = stable(shell)
    shell.told(leave(one))
    assert isinstance(shell.told(heartbeat(one, 1)), group_errors.UnknownMember)
    assert isinstance(shell.told(sync(one, 1)), group_errors.UnknownMember)
