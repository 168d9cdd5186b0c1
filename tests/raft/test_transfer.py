"""Handing the leadership over."""

from __future__ import annotations

import pytest

from cordwood.raft import Configuration, Role
from cordwood.raft.entries import NOBODY
from cordwood.raft.messages import TimeoutNow, TransferLeader
from tests.raft.cluster import Cluster, ids


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_anybody_can_ask(asked):
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster[asked].transfer_leadership(3)
    cluster.settle()
    assert cluster.roles() == {1: Role.FOLLOWER, 2: Role.FOLLOWER, 3: Role.LEADER}
    assert cluster[3].status().term == 3


def test_the_target_first_gets_the_whole_log():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(3)
    cluster[1].propose(b"a")
    cluster.settle()
    cluster[1].transfer_leadership(3)
    cluster.settle()
    assert not any(isinstance(message, TimeoutNow) for message in cluster.sent)
    cluster.heal()
    cluster.tick(2)
    assert cluster.roles()[3] is Role.LEADER
    assert cluster.applied[3] == [b"a"]


def test_a_handover_is_given_up_after_an_election_timeout():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(3)
    cluster[1].transfer_leadership(3)
    cluster.tick(9)
    assert cluster[1].status().transferee == 3
    cluster.tick(1)
    assert cluster[1].status().transferee == NOBODY
    cluster[1].propose(b"a")
    cluster.settle()
    assert cluster.applied[1] == [b"a"]


@pytest.mark.parametrize("target", [1, 4, 5])
def test_only_another_voter_can_take_over(target):
    cluster = Cluster(1, 2, 3, 4, configuration=Configuration(ids(1, 2, 3), learners=ids(4)))
    cluster.elect(1).transfer_leadership(target)
    assert cluster[1].status().transferee == NOBODY


def test_another_target_replaces_the_first():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(3)
    cluster[1].propose(b"a")
    cluster.settle()
    cluster[1].transfer_leadership(3)
    cluster[1].transfer_leadership(3)
    cluster[1].transfer_leadership(2)
    cluster.settle()
    assert cluster.roles()[2] is Role.LEADER


def test_without_a_leader_nobody_is_asked():
    cluster = Cluster(1, 2, 3)
    cluster[1].transfer_leadership(2)
    cluster.settle()
    assert not any(isinstance(message, TransferLeader) for message in cluster.sent)
