"""What the term of a message does."""

from __future__ import annotations

import pytest

from cordwood.raft.entries import NOBODY, Position
from cordwood.raft.messages import (
    Append,
    AppendReply,
    Heartbeat,
    HeartbeatReply,
    PreVote,
    PreVoteReply,
    Propose,
    TimeoutNow,
    Vote,
    VoteReply,
)
from cordwood.raft.state import Role
from cordwood.raft.stepping import step
from tests.raft.cluster import normal, raft

LAST = Position(1, 1)


def follower(term=3, leader=NOBODY, **config):
    node = raft(**config)
    node.become_follower(term, leader)
    return node


def told(node):
    return node.outbox.messages + node.outbox.replies


@pytest.mark.parametrize(
    ("message", "leader"),
    [
        (Append(2, 1, 5, LAST, (), 1), 2),
        (Heartbeat(2, 1, 5, 0, 1), 2),
        (Vote(2, 1, 5, LAST, LAST), NOBODY),
        (AppendReply(2, 1, 5, 0), NOBODY),
        (PreVoteReply(2, 1, 5, granted=False, committed=LAST), NOBODY),
    ],
)
def test_a_higher_term_is_entered(message, leader):
    node = follower()
    step(node, message)
    assert (node.term, node.role, node.leader) == (5, Role.FOLLOWER, leader)


@pytest.mark.parametrize("message", [PreVote(2, 1, 5, LAST, LAST), PreVoteReply(2, 1, 5, granted=True, committed=LAST)])
def test_a_term_that_is_only_asked_for_is_not_entered(message):
    node = follower()
    step(node, message)
    assert node.term == 3


@pytest.mark.parametrize("message", [Vote(2, 1, 5, LAST, LAST), PreVote(2, 1, 5, LAST, LAST)])
def test_who_hears_of_a_leader_ignores_candidates(message):
    node = follower(leader=3)
    step(node, message)
    assert (node.term, told(node)) == (3, [])


def test_the_leaders_own_candidate_is_heard():
    node = follower(leader=3)
    step(node, Vote(2, 1, 5, LAST, LAST, transfer=True))
    assert told(node) == [VoteReply(1, 2, 5, granted=True, committed=LAST)]


@pytest.mark.parametrize("message", [Append(2, 1, 2, LAST, (), 1), Heartbeat(2, 1, 2, 0, 1)])
@pytest.mark.parametrize(
    ("config", "answered"),
    [({}, True), ({"check_quorum": False}, True), ({"check_quorum": False, "pre_vote": False}, False)],
)
def test_an_old_leader_is_told_the_term(message, config, answered):
    node = follower(**config)
    step(node, message)
    assert told(node) == ([AppendReply(1, 2, 3, 0)] if answered else [])


def test_an_old_pre_candidate_is_told_the_term():
    node = follower()
    step(node, PreVote(2, 1, 2, LAST, LAST))
    assert told(node) == [PreVoteReply(1, 2, 3, granted=False, committed=LAST)]


@pytest.mark.parametrize(
    "message",
    [
        VoteReply(2, 1, 2, granted=True, committed=LAST),
        HeartbeatReply(2, 1, 2, 1),
        Vote(2, 1, 2, LAST, LAST),
        TimeoutNow(2, 1, 2),
    ],
)
def test_other_old_messages_do_nothing(message):
    node = follower()
    step(node, message)
    assert (told(node), node.role, node.term) == ([], Role.FOLLOWER, 3)


def test_a_message_without_term_is_of_any_term():
    node = follower()
    node.become_candidate()
    node.become_leader()
    step(node, Propose(2, 1, 0, (normal(0, 0, b"x"),)))
    assert node.log.last() == Position(4, 3)
