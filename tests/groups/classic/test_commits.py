"""Members of the generation may commit, and nobody for them; an empty group takes what it gets."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.commits import check_commit, check_offset_removal, is_subscribed
from cordwood.groups.classic.group import ClassicGroup
from cordwood.model import group_errors
from cordwood.model.decision import Timer
from tests.groups.classic.shell import Shell, join, leave, stable, subscribed


def test_a_simple_consumer_commits_to_an_empty_group():
    group = ClassicGroup("g")
    assert check_commit(group, "", None, -1) == ()
    assert check_commit(group, "anybody", None, -1) == ()
    with pytest.raises(group_errors.UnknownMember):
        check_commit(group, "anybody", None, 0)


def test_a_member_commits_and_keeps_its_session():
    shell = Shell()
    (one,) = stable(shell)
    assert check_commit(shell.group, one, None, 1) == (Timer(("classic-session", "g", one), 10_000),)


@pytest.mark.parametrize(
    ("member_id", "instance_id", "generation", "error"),
    [
        ("", None, -1, group_errors.UnknownMember),
        ("stranger", None, 1, group_errors.UnknownMember),
        ("c-id1", None, 0, group_errors.IllegalGeneration),
        ("c-id1", None, -1, group_errors.IllegalGeneration),
        ("c-id1", "i", 1, group_errors.UnknownMember),
    ],
)
def test_who_is_not_of_the_generation_does_not_commit(member_id, instance_id, generation, error):
    shell = Shell()
    stable(shell)
    with pytest.raises(error):
        check_commit(shell.group, member_id, instance_id, generation)


def test_a_fenced_member_does_not_commit():
    shell = Shell()
    ticket = shell.ask(join(instance_id="i"))
    shell.settle()
    shell.ask(join(instance_id="i"))
    with pytest.raises(group_errors.FencedInstance):
        check_commit(shell.group, shell.answers[ticket].member_id, "i", 1)


def test_a_member_commits_what_it_has_before_it_rejoins():
    shell = Shell()
    (one,) = stable(shell)
    shell.ask(join())
    assert check_commit(shell.group, one, None, 1)


def test_nobody_commits_while_the_leader_assigns():
    shell = Shell()
    ticket = shell.ask(join())
    shell.settle()
    one = shell.answers[ticket].member_id
    with pytest.raises(group_errors.RebalanceInProgress):
        check_commit(shell.group, one, None, 1)
    assert check_commit(shell.group, one, None, 1, transactional=True) == ()


def test_a_transaction_need_not_be_of_a_member():
    shell = Shell()
    (one,) = stable(shell)
    assert check_commit(shell.group, "", None, -1, transactional=True) == ()
    assert check_commit(shell.group, one, None, 1, transactional=True) == ()
    with pytest.raises(group_errors.IllegalGeneration):
        check_commit(shell.group, one, None, 0, transactional=True)


def test_offsets_of_consumers_alone_are_deleted_while_they_consume():
    shell = Shell()
    (one,) = stable(shell)
    with pytest.raises(group_errors.NonEmptyGroup):
        check_offset_removal(shell.group)
    shell.told(leave(one))
    check_offset_removal(shell.group)
    shell = Shell()
    stable(shell, protocol_type="consumer")
    check_offset_removal(shell.group)


def test_what_consumers_consume():
    shell = Shell()
    protocols = (subscribed("orders"),)
    (one,) = stable(shell, protocol_type="consumer", protocols=protocols)
    assert is_subscribed(shell.group, "orders") is True
    assert is_subscribed(shell.group, "payments") is False
    shell.told(leave(one))
    assert is_subscribed(shell.group, "orders") is False


def test_consumers_that_cannot_be_read_consume_everything():
    shell = Shell()
    shell.ask(join(protocol_type="consumer"))
    assert is_subscribed(shell.group, "orders") is True
    shell.settle()
    assert is_subscribed(shell.group, "orders") is True


def test_what_others_do_cannot_be_told():
    shell = Shell()
    stable(shell)
    assert is_subscribed(shell.group, "orders") is None
