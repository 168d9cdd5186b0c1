"""Who handles what."""

from __future__ import annotations

from typing import get_args

import pytest

from cordwood.raft.entries import NOBODY, Position
from cordwood.raft.errors import TwoLeaders
from cordwood.raft.messages import Append, Heartbeat, InstallSnapshot, PeerMessage, Propose
from cordwood.raft.roles import HANDLERS
from cordwood.raft.state import Role
from tests.raft.cluster import raft


def test_every_role_has_a_table_and_every_message_a_handler():
    assert set(HANDLERS) == set(Role)
    handled = {kind for table in HANDLERS.values() for kind in table}
    assert handled == set(get_args(PeerMessage))


def test_everybody_hears_leaders_and_candidates():
    for table in HANDLERS.values():
        assert {Append, Heartbeat, InstallSnapshot} <= set(table)


def test_only_a_leader_takes_proposals():
    assert [role for role, table in HANDLERS.items() if Propose in table] == [Role.LEADER]


def test_a_follower_has_a_leader_and_patience():
    node = raft()
    node.election_elapsed = 7
    HANDLERS[Role.FOLLOWER][Heartbeat](node, Heartbeat(2, 1, 1, 0, 1))
    assert (node.leader, node.election_elapsed) == (2, 0)


@pytest.mark.parametrize("role", [Role.PRE_CANDIDATE, Role.CANDIDATE])
def test_a_candidate_bows_to_the_leader_of_its_term(role):
    node = raft()
    node.become_pre_candidate() if role is Role.PRE_CANDIDATE else node.become_candidate()
    term = node.term
    HANDLERS[role][Append](node, Append(2, 1, term, Position(1, 1), (), 1))
    assert (node.role, node.leader, node.term) == (Role.FOLLOWER, 2, term)


@pytest.mark.parametrize("message", [Append(2, 1, 2, Position(1, 1), (), 1), Heartbeat(2, 1, 2, 0, 1)])
def test_there_are_no_two_leaders(message):
    node = raft()
    node.become_candidate()
    node.become_leader()
    with pytest.raises(TwoLeaders, match="nodes 1 and 2 both lead term 2"):
        HANDLERS[Role.LEADER][type(message)](node, message)
    assert node.leader != NOBODY
