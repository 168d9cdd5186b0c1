"""Campaigns and votes."""

from __future__ import annotations

import pytest

from cordwood.raft import Change, ChangeKind, ConfChange, Role
from cordwood.raft.changes import encode_change
from cordwood.raft.config import ReadMode
from cordwood.raft.configuration import Configuration
from cordwood.raft.elections import (
    Campaign,
    campaign,
    forget_leader,
    in_lease,
    learn_commit,
    on_pre_vote,
    on_pre_vote_reply,
    on_vote,
    on_vote_reply,
)
from cordwood.raft.entries import NOBODY, Entry, EntryKind, Position
from cordwood.raft.messages import PreVote, PreVoteReply, TimeoutNow, Vote, VoteReply
from cordwood.raft.state import HardState
from tests.raft.cluster import Cluster, ids, raft, storage_of

LAST = Position(1, 1)


def replies(node):
    return node.outbox.replies


def test_a_quorum_elects():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    assert cluster.roles() == {1: Role.LEADER, 2: Role.FOLLOWER, 3: Role.FOLLOWER}
    assert [cluster[node].status().leader for node in (1, 2, 3)] == [1, 1, 1]
    assert [cluster[node].status().term for node in (1, 2, 3)] == [2, 2, 2]


def test_without_a_quorum_nobody_is_elected():
    cluster = Cluster(1, 2, 3, pre_vote=False)
    cluster.cut(1)
    cluster[1].campaign()
    assert cluster.settle().roles()[1] is Role.CANDIDATE


def test_one_voter_elects_itself():
    cluster = Cluster(1)
    cluster.elect(1)
    assert cluster[1].status().commit == 2


def test_a_pre_vote_disturbs_nobody():
    cluster = Cluster(1, 2, 3)
    cluster.cut(1)
    cluster[1].campaign()
    cluster.settle()
    assert cluster[1].status().role is Role.PRE_CANDIDATE
    assert cluster[1].status().term == 1


def test_who_lost_asks_no_more():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).propose(b"a")
    cluster.cut(3)
    cluster[1].propose(b"b")
    cluster.settle()
    cluster.heal()
    cluster[2].forget_leader()
    cluster[1].forget_leader()
    cluster.raft(1).become_follower(2, NOBODY)
    cluster[3].campaign()
    cluster.settle()
    assert cluster.roles()[3] is Role.FOLLOWER


@pytest.mark.parametrize(
    ("vote", "leader", "last", "granted"),
    [
        (NOBODY, NOBODY, LAST, True),
        (2, NOBODY, LAST, True),  # the same vote again
        (3, NOBODY, LAST, False),  # one vote a term
        (NOBODY, 3, LAST, False),  # the term has its leader
        (NOBODY, NOBODY, Position(0, 9), False),  # an older log
    ],
)
def test_a_vote(vote, leader, last, granted):
    node = raft()
    node.vote, node.leader = vote, leader
    node.election_elapsed = 5
    on_vote(node, Vote(2, 1, 1, last, LAST))
    assert replies(node) == [VoteReply(1, 2, 1, granted, LAST)]
    assert node.vote == (2 if granted else vote)
    assert node.election_elapsed == (0 if granted else 5)


@pytest.mark.parametrize(
    ("term", "vote", "last", "granted", "told"),
    [
        (2, 3, LAST, True, 2),  # a later term: no vote was given in it
        (2, NOBODY, Position(0, 9), False, 1),
        (1, 3, LAST, False, 1),
        (1, NOBODY, LAST, True, 1),
    ],
)
def test_a_pre_vote_tells_the_term_that_was_asked_for(term, vote, last, granted, told):
    node = raft()
    node.vote = vote
    on_pre_vote(node, PreVote(2, 1, term, last, LAST))
    assert replies(node) == [PreVoteReply(1, 2, told, granted, LAST)]
    assert (node.term, node.vote) == (1, vote)


def test_a_learner_votes():
    storage = storage_of(configuration=Configuration(ids(2, 3), learners=ids(1)))
    node = raft(storage=storage)
    on_vote(node, Vote(2, 1, 1, LAST, LAST))
    assert replies(node) == [VoteReply(1, 2, 1, granted=True, committed=LAST)]


def test_who_cannot_lead_does_not_campaign():
    node = raft(storage=storage_of(configuration=Configuration(ids(2, 3), learners=ids(1))))
    campaign(node)
    assert node.role is Role.FOLLOWER


def test_nobody_campaigns_before_it_knows_its_electorate():
    storage = storage_of(1)
    change = encode_change(ConfChange((Change(ChangeKind.REMOVE, 3),)))
    storage.append([Entry(3, 1, EntryKind.CONF_CHANGE, change)])
    storage.set_hard_state(HardState(1, 0, 3))
    trace = []
    node = raft(storage=storage, trace=trace)
    campaign(node)
    assert node.outbox.replies == []
    assert "not applied" in trace[-1]
    node.log.applied_to(3, 0)
    campaign(node)
    assert node.role is Role.PRE_CANDIDATE


def test_a_transfer_asks_nobody_first():
    node = raft()
    campaign(node, Campaign.TRANSFER)
    assert node.role is Role.CANDIDATE
    assert replies(node) == [Vote(1, to, 2, LAST, LAST, transfer=True) for to in (2, 3)]


def test_a_leader_does_not_campaign():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).campaign()
    assert cluster[1].status().term == 2


@pytest.mark.parametrize(
    ("committed", "expected"),
    [(Position(1, 3), 3), (Position(2, 3), 1), (Position(1, 9), 1), (Position(1, 1), 1), (Position(0, 0), 1)],
)
def test_what_others_know_to_be_committed_is_learned_if_it_is_here(committed, expected):
    node = raft(storage=storage_of(1, 1, 1))
    learn_commit(node, committed)
    assert node.log.committed == expected


@pytest.mark.parametrize("pre_vote", [False, True])
def test_a_candidate_that_learns_of_a_change_applies_it_first(pre_vote):
    storage = storage_of(1)
    storage.append([Entry(3, 1, EntryKind.CONF_CHANGE, encode_change(ConfChange((Change(ChangeKind.REMOVE, 3),))))])
    node = raft(storage=storage, pre_vote=pre_vote)
    campaign(node)
    reply = PreVoteReply if pre_vote else VoteReply
    handler = on_pre_vote_reply if pre_vote else on_vote_reply
    handler(node, reply(2, 1, 2, granted=True, committed=Position(1, 3)))
    assert (node.role, node.log.committed) == (Role.FOLLOWER, 3)


def test_a_removed_leader_does_not_hold_up_those_who_stay():
    """Node 2 does not know that its removal of 1 is committed, and node 1 has a longer log that is of no use."""
    cluster = Cluster(1, 2)
    cluster.elect(1).propose_conf_change(ConfChange((Change(ChangeKind.REMOVE, 1),)))
    cluster._deliver(cluster.handle(1))
    cluster.drop = lambda message: message.to == 2
    cluster[1].propose(b"never committed")
    cluster.settle()
    assert cluster[1].status().role is Role.FOLLOWER
    assert cluster[2].status().configuration == Configuration(ids(1, 2))
    assert cluster[1].status().last > cluster[2].status().last
    cluster.heal()
    cluster.tick(30)
    assert cluster.roles()[2] is Role.LEADER
    assert cluster[2].status().configuration == Configuration(ids(2))


def test_told_to_campaign():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster[2].step(TimeoutNow(1, 2, 2))
    cluster.settle()
    assert cluster.roles()[2] is Role.LEADER


@pytest.mark.parametrize(
    ("check_quorum", "leader", "elapsed", "lease"),
    [(True, 2, 9, True), (True, 2, 10, False), (True, NOBODY, 0, False), (False, 2, 0, False)],
)
def test_nobody_votes_while_it_hears_of_a_leader(check_quorum, leader, elapsed, lease):
    node = raft(check_quorum=check_quorum)
    node.leader, node.election_elapsed = leader, elapsed
    assert in_lease(node) is lease


@pytest.mark.parametrize(("ticks", "lease"), [(9, True), (10, False)])
def test_a_lease_outlives_a_restart(ticks, lease):
    node = raft(read_mode=ReadMode.LEASE)
    node.ticks = ticks
    assert in_lease(node) is lease
    assert not in_lease(raft())


def test_under_a_lease_a_follower_does_not_campaign():
    cluster = Cluster(1, 2, 3, read_mode=ReadMode.LEASE)
    cluster.tick(10)
    cluster.elect(1)
    cluster[2].campaign()
    assert cluster[2].status().role is Role.FOLLOWER


def test_a_forgotten_leader_is_voted_against():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster[2].forget_leader()
    cluster[3].forget_leader()
    assert cluster[2].status().leader == NOBODY
    cluster[2].campaign()
    cluster.settle()
    assert cluster.roles()[2] is Role.LEADER


def test_under_a_lease_no_leader_is_forgotten():
    node = raft(read_mode=ReadMode.LEASE)
    node.leader = 2
    forget_leader(node)
    assert node.leader == 2


def test_a_leader_does_not_forget_itself():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).forget_leader()
    assert cluster[1].status().leader == 1
