"""What time does."""

from __future__ import annotations

from cordwood.raft import Configuration, Role
from cordwood.raft.messages import Heartbeat
from cordwood.raft.ticking import tick
from tests.raft.cluster import Cluster, ids, raft, storage_of


def test_a_follower_that_hears_of_nobody_campaigns():
    cluster = Cluster(1, 2, 3)
    cluster.tick(9)
    assert cluster.roles()[1] is Role.FOLLOWER
    cluster.tick(1)
    assert cluster.roles()[1] is Role.LEADER


def test_the_lot_decides_who_campaigns_first():
    node = raft()
    node._below = lambda limit: limit - 1
    node.become_follower(1, 0)
    assert node.timeout == 19


def test_who_cannot_lead_waits():
    node = raft(storage=storage_of(configuration=Configuration(ids(2, 3), learners=ids(1))))
    for _ in range(50):
        tick(node)
    assert node.role is Role.FOLLOWER


def test_a_leader_is_heard_of():
    cluster = Cluster(1, 2, 3, heartbeat_ticks=3)
    cluster.elect(1)
    cluster.sent.clear()
    cluster.tick(6, 1)
    assert len([message for message in cluster.sent if isinstance(message, Heartbeat)]) == 4
    cluster.tick(60)
    assert cluster.roles()[1] is Role.LEADER


def test_a_leader_without_a_quorum_steps_down():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(1)
    cluster.tick(20, 1)
    assert cluster.roles()[1] is not Role.LEADER


def test_without_check_quorum_it_does_not():
    cluster = Cluster(1, 2, 3, check_quorum=False)
    cluster.elect(1)
    cluster.cut(1)
    cluster.tick(40, 1)
    assert cluster.roles()[1] is Role.LEADER
