"""Who is let in, under which id, and when that takes a rebalance."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.commands import Leave
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.records import GroupStored, MembersRemoved, Removal
from cordwood.groups.classic.tables import DECISIONS
from cordwood.groups.classic.transitions import State
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Turn
from cordwood.model import group_errors
from cordwood.model.decision import Ticket
from cordwood.model.errors import InvalidRequest
from cordwood.model.limits import MAX_PENDING_MEMBERS
from tests.groups.classic.shell import Shell, heartbeat, join, leave, stable, sync
from tests.groups.topics import FakeTopics

BOTH = (MemberProtocol("sticky", b"s"), MemberProtocol("range", b"r"))


def test_the_first_member_makes_the_group_and_leads_it():
    shell = Shell()
    ticket = shell.ask(join())
    assert shell.state is State.PREPARING_REBALANCE
    assert shell.stored == [GroupStored("g", 0, state_timestamp_ms=shell.now_ms)]
    shell.settle()
    reply = shell.answers[ticket]
    assert (reply.error, reply.member_id, reply.leader, reply.generation) == (None, "c-id1", "c-id1", 1)
    assert (reply.protocol_type, reply.protocol) == ("work", "range")
    assert [(member.member_id, member.metadata) for member in reply.members] == [("c-id1", b"r")]
    assert not reply.skip_assignment


def test_only_the_leader_is_told_the_members():
    shell = Shell()
    tickets = [shell.ask(join()) for _ in range(3)]
    shell.settle()
    replies = [shell.answers[ticket] for ticket in tickets]
    assert [len(reply.members) for reply in replies] == [3, 0, 0]
    assert {reply.leader for reply in replies} == {"c-id1"}
    assert {reply.generation for reply in replies} == {1}


def test_a_new_member_is_given_an_id_and_comes_again():
    shell = Shell()
    reply = shell.told(join(require_known_member_id=True))
    assert isinstance(reply.error, group_errors.MemberIdRequired)
    assert reply.member_id == "c-id1"
    assert shell.state is State.EMPTY
    again = shell.ask(join("c-id1", require_known_member_id=True))
    shell.settle()
    assert shell.answers[again].member_id == "c-id1"
    assert not shell.group.pending


def test_a_member_that_was_given_an_id_is_waited_for_until_its_session_ends():
    shell = Shell()
    stable(shell)
    shell.told(join(require_known_member_id=True))
    leader = shell.ask(join("c-id1"))
    assert not shell.is_told(leader)
    shell.advance(10_000)
    assert shell.answers[leader].generation == 2
    assert isinstance(shell.told(join("c-id2")).error, group_errors.UnknownMember)


def test_a_static_member_needs_no_second_join():
    shell = Shell()
    ticket = shell.ask(join(instance_id="i", require_known_member_id=True))
    shell.settle()
    assert shell.answers[ticket].member_id == "i-id1"


@pytest.mark.parametrize("timeout_ms", [5_999, 1_800_001])
def test_session_timeouts_have_bounds(timeout_ms):
    shell = Shell()
    assert isinstance(shell.told(join(session_timeout_ms=timeout_ms)).error, group_errors.InvalidSessionTimeout)
    assert not shell.groups


def test_a_group_has_a_name():
    assert isinstance(Shell().told(join(group="")).error, group_errors.InvalidGroupId)


@pytest.mark.parametrize("changes", [{"protocols": ()}, {"protocol_type": ""}])
def test_a_first_member_names_a_type_and_a_protocol(changes):
    shell = Shell()
    assert isinstance(shell.told(join(**changes)).error, group_errors.InconsistentGroupProtocol)
    assert not shell.groups


@pytest.mark.parametrize("changes", [{"protocol_type": "connect"}, {"protocols": (MemberProtocol("other", b""),)}])
def test_a_member_that_shares_no_protocol_is_refused(changes):
    shell = Shell()
    stable(shell)
    assert isinstance(shell.told(join(**changes)).error, group_errors.InconsistentGroupProtocol)
    assert shell.state is State.STABLE


def test_the_protocol_is_one_that_all_know():
    shell = Shell()
    tickets = [shell.ask(join(protocols=BOTH)), shell.ask(join())]
    shell.settle()
    assert {shell.answers[ticket].protocol for ticket in tickets} == {"range"}
    assert [member.metadata for member in shell.answers[tickets[0]].members] == [b"r", b"r"]


def test_a_member_of_no_group_is_unknown():
    shell = Shell()
    assert isinstance(shell.told(join("m")).error, group_errors.UnknownMember)
    assert not shell.groups
    stable(shell)
    reply = shell.told(join("m"))
    assert isinstance(reply.error, group_errors.UnknownMember)
    assert reply.member_id == "m"


def test_a_newcomer_rebalances_a_stable_group():
    shell = Shell()
    (leader,) = stable(shell)
    newcomer = shell.ask(join())
    assert shell.state is State.PREPARING_REBALANCE
    assert not shell.is_told(newcomer)
    rejoined = shell.ask(join(leader))
    assert shell.answers[rejoined].leader == leader
    assert shell.answers[newcomer].generation == shell.answers[rejoined].generation == 2


def test_a_follower_that_missed_its_reply_is_told_again():
    shell = Shell()
    _, follower = stable(shell, 2)
    reply = shell.told(join(follower))
    assert (reply.generation, reply.members) == (1, ())
    assert shell.state is State.STABLE


def test_a_leader_that_joins_a_stable_group_rebalances_it():
    shell = Shell()
    leader, follower = stable(shell, 2)
    ticket = shell.ask(join(leader))
    assert shell.state is State.PREPARING_REBALANCE
    shell.ask(join(follower))
    assert shell.answers[ticket].generation == 2


def test_a_follower_with_news_rebalances_a_stable_group():
    shell = Shell()
    _, follower = stable(shell, 2)
    ticket = shell.ask(join(follower, protocols=(MemberProtocol("range", b"other"),)))
    assert not shell.is_told(ticket)
    assert shell.state is State.PREPARING_REBALANCE


def test_joining_again_while_the_leader_assigns_is_told_the_generation():
    shell = Shell()
    tickets = [shell.ask(join()), shell.ask(join())]
    shell.settle()
    leader, follower = (shell.answers[ticket].member_id for ticket in tickets)
    assert len(shell.told(join(leader)).members) == 2
    assert shell.told(join(follower)).members == ()
    assert shell.state is State.COMPLETING_REBALANCE


def test_news_while_the_leader_assigns_send_everybody_back():
    shell = Shell()
    tickets = [shell.ask(join()) for _ in range(2)]
    shell.settle()
    leader, follower = (shell.answers[ticket].member_id for ticket in tickets)
    waiting = shell.ask(sync(follower, 1))
    shell.ask(join(leader, protocols=BOTH))
    assert isinstance(shell.answers[waiting], group_errors.RebalanceInProgress)
    assert shell.state is State.PREPARING_REBALANCE


def test_a_join_that_is_sent_again_takes_the_place_of_the_first():
    shell = Shell()
    leader, _ = stable(shell, 2)
    first = shell.ask(join(leader))
    second = shell.ask(join(leader))
    assert isinstance(shell.answers[first].error, group_errors.RebalanceInProgress)
    assert not shell.is_told(second)


def test_a_full_group_takes_nobody():
    shell = Shell(GroupSettings(initial_rebalance_delay_ms=0, max_size=2))
    stable(shell, 2)
    reply = shell.told(join())
    assert isinstance(reply.error, group_errors.GroupFull)
    assert reply.member_id == ""
    assert shell.state is State.STABLE
    assert isinstance(shell.told(join(require_known_member_id=True)).error, group_errors.GroupFull)
    assert not shell.group.pending


def test_the_last_to_come_back_to_a_full_group_is_out():
    shell = Shell()
    names = stable(shell, 3)
    shell.settings = GroupSettings(max_size=2)
    tickets = [shell.ask(join(name)) for name in names]
    assert isinstance(shell.answers[tickets[2]].error, group_errors.GroupFull)
    assert MembersRemoved("g", (names[2],), Removal.REFUSED) in shell.records
    assert shell.answers[tickets[0]].generation == 2
    assert len(shell.group.members) == 2


def test_an_id_that_finds_the_group_full_lapses():
    shell = Shell(GroupSettings(initial_rebalance_delay_ms=0, max_size=1))
    pending = shell.told(join(require_known_member_id=True)).member_id
    stable(shell)
    assert isinstance(shell.told(join(pending)).error, group_errors.GroupFull)
    assert not shell.group.pending


def test_given_ids_have_a_bound():
    shell = Shell()
    shell.told(join(require_known_member_id=True))
    shell.group.pending.update(dict.fromkeys(f"p{number}" for number in range(MAX_PENDING_MEMBERS)))
    assert isinstance(shell.told(join(require_known_member_id=True)).error, group_errors.GroupFull)


class Unseen(dict):
    """A mapping in which one can look something up, but not through."""

    def __iter__(self):
        raise AssertionError("somebody looked at all members")

    keys = items = values = __iter__


def test_a_join_looks_at_no_other_member():
    shell = Shell()
    names = stable(shell, 3)
    shell.ask(join(names[0]))
    shell.group.members = Unseen(shell.group.members)
    turn = Turn(0, Ticket(99), shell.settings, FakeTopics(), lambda: "id")
    for command in (join(), join(names[1]), join(require_known_member_id=True), heartbeat(names[1], 1)):
        assert DECISIONS[type(command)](shell.groups, command, turn)
    with pytest.raises(AssertionError, match="looked at all"):
        DECISIONS[Leave](shell.groups, leave(*names[1:]), turn)


def test_a_given_id_is_not_for_static_members():
    shell = Shell()
    pending = shell.told(join(require_known_member_id=True)).member_id
    assert isinstance(shell.told(join(pending, instance_id="i")).error, InvalidRequest)


def test_a_member_that_left_is_unknown():
    shell = Shell()
    names = stable(shell, 2)
    shell.told(leave(names[1]))
    assert isinstance(shell.told(join(names[1])).error, group_errors.UnknownMember)
