"""Term and vote: never back, one a term, durable before they are told."""

from __future__ import annotations

import pytest

from cordwood.raft import Position
from cordwood.raft.messages import AppendReply, HeartbeatReply, Vote, VoteReply
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.votes import TermAndVote
from tests.sim.quorum.kit import see
from tests.verdict import verdict

NOWHERE = Position(0, 0)


def vote_of(node: int, candidate: int, term: int) -> VoteReply:
    return VoteReply(node, candidate, term, granted=True, committed=NOWHERE)


def told(*messages) -> TermAndVote:
    one = TermAndVote()
    for message in messages:
        one.tells(message, *see(message.sender, term=message.term))
    return one


@pytest.mark.parametrize(("before", "after"), [((3, 1), (2, 0)), ((3, 1), (3, 2)), ((3, 1), (3, 0))])
def test_going_back_is_found(before, after):
    old, log = see(term=before[0], vote=before[1])
    new, _ = see(term=after[0], vote=after[1])
    with pytest.raises(Broken):
        TermAndVote().changes(old, new, log)


@pytest.mark.parametrize(("before", "after"), [((3, 0), (3, 2)), ((3, 1), (4, 0)), ((3, 1), (4, 2))])
def test_going_on_is_right(before, after):
    old, log = see(term=before[0], vote=before[1])
    new, _ = see(term=after[0], vote=after[1])
    assert verdict(TermAndVote().changes, old, new, log) is None


def test_two_votes_in_a_term_are_found():
    one = told(vote_of(1, 2, 5), vote_of(1, 2, 5), vote_of(1, 3, 6))
    with pytest.raises(Broken, match="votes for 3 and 2 in 6"):
        one.tells(vote_of(1, 2, 6), *see(1, term=6))
    with pytest.raises(Broken, match="votes for 3 and 1 in 6"):
        one.tells(Vote(1, 2, 6, NOWHERE, NOWHERE), *see(1, term=6))


@pytest.mark.parametrize("look", [TermAndVote.begins, TermAndVote.survives])
@pytest.mark.parametrize("message", [vote_of(1, 2, 5), AppendReply(1, 2, 5, 7), Vote(1, 2, 5, NOWHERE, NOWHERE)])
def test_a_term_that_was_told_and_is_forgotten_is_found(look, message):
    one = told(message)
    with pytest.raises(Broken, match=r"told of 5, and .* 4"):
        look(one, *see(1, term=4, vote=2))
    assert verdict(look, one, *see(1, term=6)) is None
    assert verdict(look, one, *see(2, term=1)) is None


@pytest.mark.parametrize("look", [TermAndVote.begins, TermAndVote.survives])
def test_a_vote_that_was_told_and_is_forgotten_is_found(look):
    one = told(vote_of(1, 2, 5))
    assert verdict(look, one, *see(1, term=5, vote=2)) is None
    for vote in (0, 3):
        with pytest.raises(Broken, match=f"voted for 2 in 5, and .* a vote for {vote}"):
            look(one, *see(1, term=5, vote=vote))


def test_who_only_answers_heartbeats_promises_no_term():
    one = told(HeartbeatReply(1, 2, 5, 1))
    assert verdict(one.begins, *see(1, term=1)) is None
