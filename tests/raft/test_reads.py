"""Reads that are not stale."""

from __future__ import annotations

import pytest

from cordwood.raft.config import ReadMode
from cordwood.raft.errors import DropReason, ProposalDropped
from cordwood.raft.messages import Heartbeat, HeartbeatReply
from cordwood.raft.reads import holds_lease
from tests.raft.cluster import Cluster


def answers(cluster, node):
    return [(state.index, state.context) for state in cluster.reads[node]]


def test_a_quorum_confirms_a_read():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).read_index(b"r")
    cluster.settle()
    assert answers(cluster, 1) == [(2, b"r")]


def test_a_follower_asks_its_leader():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster[3].read_index(b"r")
    cluster.settle()
    assert answers(cluster, 3) == [(2, b"r")]


def test_a_leader_that_is_cut_off_answers_nothing():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(1)
    cluster[1].read_index(b"r")
    cluster.settle()
    cluster.tick(5, 1)
    assert answers(cluster, 1) == []


def test_a_lost_round_is_made_up_for_by_the_next_heartbeat():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(1)
    cluster[1].read_index(b"r")
    cluster.settle()
    cluster.heal()
    cluster.tick(1, 1)
    assert answers(cluster, 1) == [(2, b"r")]


def test_many_reads_share_rounds():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    for number in range(50):
        cluster[1].read_index(b"%d" % number)
    cluster.settle()
    assert len(answers(cluster, 1)) == 50
    assert len({message.round for message in cluster.sent if isinstance(message, Heartbeat)}) == 2


def test_a_new_leader_answers_when_it_knows_what_is_committed():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).propose(b"a")
    cluster.settle()
    node = cluster.raft(1)
    node.become_follower(3, 0)
    node.become_candidate()
    node.become_leader()
    cluster[1].read_index(b"r")
    assert [read.context for read in node.early_reads] == [b"r"]
    assert node.rounds.waiting == 0
    cluster[2].forget_leader()
    cluster.tick(2)
    assert answers(cluster, 1) == [(4, b"r")]


def test_one_voter_needs_to_ask_nobody():
    cluster = Cluster(1)
    cluster.elect(1).read_index(b"r")
    cluster.settle()
    assert answers(cluster, 1) == [(2, b"r")]


def test_without_a_leader_there_is_no_read():
    cluster = Cluster(1, 2, 3)
    with pytest.raises(ProposalDropped) as caught:
        cluster[1].read_index(b"r")
    assert caught.value.reason is DropReason.NO_LEADER


def test_a_context_is_bounded():
    cluster = Cluster(1, 2, 3, max_entry_size=30)
    cluster.elect(1)
    with pytest.raises(ProposalDropped) as caught:
        cluster[2].read_index(bytes(31))
    assert caught.value.reason is DropReason.TOO_LARGE


def test_waiting_reads_are_bounded():
    cluster = Cluster(1, 2, 3, max_pending_reads=2)
    cluster.elect(1)
    cluster.cut(1)
    cluster[1].read_index(b"1")
    cluster[1].read_index(b"2")
    with pytest.raises(ProposalDropped) as caught:
        cluster[1].read_index(b"3")
    assert caught.value.reason is DropReason.TOO_MANY_READS


def test_a_followers_read_beyond_the_bound_is_dropped():
    cluster = Cluster(1, 2, 3, max_pending_reads=1)
    cluster.elect(1)
    cluster.drop = lambda message: isinstance(message, HeartbeatReply)
    cluster[2].read_index(b"1")
    cluster[2].read_index(b"2")
    cluster.settle()
    assert "dropped a read of 2" in cluster.trace[-1]


def leased(**config):
    cluster = Cluster(1, 2, 3, read_mode=ReadMode.LEASE, **config)
    cluster.tick(10)
    cluster.elect(1)
    cluster.tick()
    cluster.sent.clear()
    return cluster


def test_under_a_lease_a_read_needs_no_message():
    cluster = leased()
    cluster.cut(1)
    cluster[1].read_index(b"r")
    cluster.settle()
    assert answers(cluster, 1) == [(2, b"r")]
    assert cluster.sent == []


def test_a_lease_runs_out():
    cluster = leased()
    cluster.cut(1)
    lease = cluster.raft(1).config.lease_ticks
    cluster.tick(lease, 1)
    assert holds_lease(cluster.raft(1))
    cluster.tick(1, 1)
    assert not holds_lease(cluster.raft(1))
    cluster[1].read_index(b"r")
    cluster.settle()
    assert answers(cluster, 1) == []


def test_a_lease_is_given_away_with_the_leadership():
    cluster = leased()
    cluster.cut(1)
    cluster[1].transfer_leadership(2)
    assert not holds_lease(cluster.raft(1))
    cluster.tick(10, 1)
    assert not holds_lease(cluster.raft(1))


def test_in_safe_mode_there_is_no_lease():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.tick()
    assert not holds_lease(cluster.raft(1))
