"""Snapshots instead of entries that are gone."""

from __future__ import annotations

import pytest

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Position
from cordwood.raft.errors import Malformed
from cordwood.raft.messages import AppendReply, InstallSnapshot
from cordwood.raft.progress import ProgressState
from cordwood.raft.snapshots import on_install_snapshot, restore
from cordwood.raft.state import Snapshot
from tests.raft.cluster import Cluster, ids, raft, storage_of

NEW = Configuration(ids(1, 2), learners=ids(4))


def test_a_snapshot_replaces_log_and_configuration():
    node = raft(storage=storage_of(1, 1))
    on_install_snapshot(node, InstallSnapshot(2, 1, 1, Snapshot(9, 1, NEW, b"state")))
    assert (node.log.last(), node.log.committed) == (Position(1, 9), 9)
    assert (node.tracker.configuration, node.configured_at) == (NEW, 9)
    assert node.outbox.replies == [AppendReply(1, 2, 1, 9)]
    assert not node.promotable()


@pytest.mark.parametrize("index", [1, 2])
def test_an_old_snapshot_takes_nothing_back(index):
    node = raft(storage=storage_of(1, 1))
    node.log.commit_to(2)
    on_install_snapshot(node, InstallSnapshot(2, 1, 1, Snapshot(index, 1, NEW)))
    assert (node.log.last(), node.log.committed) == (Position(1, 3), 2)
    assert node.outbox.replies == [AppendReply(1, 2, 1, 2)]


def test_a_snapshot_of_what_is_here_only_commits_it():
    node = raft(storage=storage_of(1, 1, 1))
    assert not restore(node, Snapshot(3, 1, NEW))
    assert (node.log.last().index, node.log.committed) == (4, 3)
    assert node.tracker.configuration != NEW


@pytest.mark.parametrize(
    "snapshot", [Snapshot(9, 2, NEW), Snapshot(9, 1, Configuration(ids(1), learners=ids(1)))], ids=["term", "members"]
)
def test_a_snapshot_that_is_none_is_refused(snapshot):
    node = raft()
    with pytest.raises(Malformed):
        on_install_snapshot(node, InstallSnapshot(2, 1, 1, snapshot))
    assert node.log.last().index == 1


def test_a_snapshot_from_before_a_node_joined_is_good_for_it():
    node = raft(5)
    assert restore(node, Snapshot(9, 1, NEW))
    assert not node.promotable()


def compacted_cluster():
    """A leader whose log no longer has what node 3 needs."""
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(3)
    cluster[1].propose(b"a", b"b")
    cluster.settle()
    cluster.storages[1].create_snapshot(4, cluster.configuration, b"ab")
    cluster.storages[1].compact(4)
    cluster.heal()
    return cluster


def test_a_follower_catches_up_by_snapshot_and_goes_on_from_the_log():
    cluster = compacted_cluster()
    cluster.tick()
    assert cluster.storages[3].snapshot().data == b"ab"
    cluster[1].propose(b"c")
    cluster.settle()
    assert cluster.applied[3] == [b"c"]
    assert cluster.raft(1).tracker.progress[3].state is ProgressState.REPLICATE


def test_a_lost_snapshot_is_sent_again_when_it_is_reported():
    cluster = compacted_cluster()
    cluster.drop = lambda message: isinstance(message, InstallSnapshot)
    cluster.tick(3)
    assert cluster.raft(1).tracker.progress[3].state is ProgressState.SNAPSHOT
    cluster.heal()
    cluster.tick(3)
    assert cluster.storages[3].last_index() < 4
    cluster[1].report_snapshot(3, arrived=False)
    cluster.tick(3)
    assert cluster.storages[3].snapshot().index == 4
