"""A group comes back from its log as it was stored, can be made of another kind, and ends for everybody in it."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.lifecycle import check_removal, removal, restored
from cordwood.groups.classic.records import GroupRemoved
from cordwood.groups.classic.transitions import State
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Turn
from cordwood.model import group_errors
from cordwood.model.decision import NO_TICKET
from tests.groups.classic.shell import Shell, heartbeat, join, leave, stable, sync
from tests.groups.classic.test_replay import GENERATION
from tests.groups.topics import FakeTopics


def test_a_restart_gives_back_a_stable_group_with_fresh_sessions():
    shell = Shell()
    one, two = stable(shell, 2)
    shell.advance(9_000)
    shell.restart()
    assert shell.state is State.STABLE
    shell.advance(9_000)
    assert shell.told(heartbeat(one, 1)) is None
    assert shell.told(sync(two, 1)).assignment == b"for " + two.encode()
    shell.advance(9_000)
    assert list(shell.group.members) == [one]


def test_a_restart_in_a_rebalance_goes_back_to_what_was_stored():
    shell = Shell()
    (one,) = stable(shell)
    shell.ask(join())
    shell.ask(join(one))
    assert shell.state is State.COMPLETING_REBALANCE
    shell.restart()
    assert (shell.state, shell.group.generation, list(shell.group.members)) == (State.STABLE, 1, [one])


def test_an_empty_group_stays_empty():
    shell = Shell()
    (one,) = stable(shell)
    shell.told(leave(one))
    shell.restart()
    assert (shell.state, shell.group.generation) == (State.EMPTY, 2)
    assert not shell.deadlines


def test_a_group_that_is_too_large_by_now_rebalances():
    shell = Shell()
    names = stable(shell, 3)
    shell.settings = GroupSettings(max_size=2)
    shell.restart()
    assert shell.state is State.PREPARING_REBALANCE
    tickets = [shell.ask(join(name)) for name in names]
    assert isinstance(shell.answers[tickets[2]].error, group_errors.GroupFull)
    assert shell.answers[tickets[0]].generation == 2


@pytest.mark.parametrize(("force", "state"), [(True, State.PREPARING_REBALANCE), (False, State.STABLE)])
def test_a_group_of_another_kind_becomes_one_of_this(force, state):
    shell = Shell()
    turn = Turn(0, NO_TICKET, shell.settings, FakeTopics(), lambda: "id")
    shell.execute(restored(GENERATION, turn, force=force))
    assert (shell.state, shell.group.generation) == (state, 3)
    assert ("classic-session", "g", "m") in shell.deadlines
    assert (("classic-join", "g") in shell.deadlines) == force


def test_the_end_is_told_to_all_who_wait():
    shell = Shell()
    one, _ = stable(shell, 2)
    shell.told(join(require_known_member_id=True))
    waiting = shell.ask(join(one))
    shell.execute(removal(shell.group))
    assert isinstance(shell.answers[waiting].error, group_errors.CoordinatorLoading)
    assert shell.groups == {}
    assert not shell.deadlines
    assert shell.stored[-1] == GroupRemoved("g")


def test_the_end_is_told_to_those_who_wait_for_the_leader():
    shell = Shell()
    tickets = [shell.ask(join()) for _ in range(2)]
    shell.settle()
    waiting = shell.ask(sync(shell.answers[tickets[1]].member_id, 1))
    shell.execute(removal(shell.group))
    assert isinstance(shell.answers[waiting], group_errors.RebalanceInProgress)


def test_only_an_empty_group_is_deleted():
    shell = Shell()
    (one,) = stable(shell)
    with pytest.raises(group_errors.NonEmptyGroup):
        check_removal(shell.group)
    shell.told(leave(one))
    check_removal(shell.group)
