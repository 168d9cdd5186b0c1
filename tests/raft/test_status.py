"""What a node tells about itself."""

from __future__ import annotations

from cordwood.raft import Configuration, Role
from cordwood.raft.progress import ProgressState
from tests.raft.cluster import Cluster, ids


def test_a_leader_tells_of_everybody():
    cluster = Cluster(1, 2, 3, 4, configuration=Configuration(ids(1, 2, 3), learners=ids(4)))
    cluster.elect(1).propose(b"a")
    cluster.settle()
    status = cluster[1].status()
    assert (status.id, status.term, status.vote, status.role, status.leader) == (1, 2, 1, Role.LEADER, 1)
    assert (status.commit, status.applied, status.last) == (3, 3, 3)
    assert {node: (each.match, each.state, each.learner) for node, each in status.followers.items()} == {
        1: (3, ProgressState.REPLICATE, False),
        2: (3, ProgressState.REPLICATE, False),
        3: (3, ProgressState.REPLICATE, False),
        4: (3, ProgressState.REPLICATE, True),
    }


def test_a_follower_tells_of_itself():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    status = cluster[2].status()
    assert (status.role, status.leader, status.followers) == (Role.FOLLOWER, 1, {})
