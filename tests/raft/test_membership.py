"""What follows from a change of the configuration."""

from __future__ import annotations

import pytest

from cordwood.raft import LEAVE_JOINT, Change, ChangeKind, ConfChange, Configuration, Role, Transition
from cordwood.raft.changes import encode_change
from cordwood.raft.entries import NOBODY, Entry, EntryKind
from cordwood.raft.errors import InvalidChange
from cordwood.raft.membership import apply_conf_change, has_unapplied_change
from cordwood.raft.state import HardState
from tests.raft.cluster import Cluster, ids, raft, storage_of


def change(kind, *nodes, transition=Transition.AUTO):
    return ConfChange(tuple(Change(kind, node) for node in nodes), transition)


def entry(index, conf_change):
    return Entry(index, 1, EntryKind.CONF_CHANGE, encode_change(conf_change))


def configurations(cluster):
    return {node: cluster[node].status().configuration for node in cluster.nodes}


def test_a_new_voter_gets_everything():
    cluster = Cluster(1, 2, 3)
    cluster.add(4)
    cluster.elect(1).propose(b"a")
    cluster[1].propose_conf_change(change(ChangeKind.ADD_VOTER, 4))
    cluster.settle()
    cluster.tick(2)
    assert set(configurations(cluster).values()) == {Configuration(ids(1, 2, 3, 4))}
    assert cluster.applied[4] == [b"a"]


def test_a_learner_gets_everything_and_counts_for_nothing():
    cluster = Cluster(1, 2, 3)
    cluster.add(4)
    cluster.elect(1).propose_conf_change(change(ChangeKind.ADD_LEARNER, 4))
    cluster.settle()
    cluster.tick(2)
    cluster.cut(2, 3)
    cluster[1].propose(b"a")
    cluster.settle()
    assert cluster.storages[4].last_index() == cluster[1].status().last
    assert cluster.applied[1] == []


def test_a_joint_configuration_is_left_without_being_asked():
    cluster = Cluster(1, 2, 3)
    cluster.add(4)
    cluster.elect(1).propose_conf_change(ConfChange((Change(ChangeKind.ADD_VOTER, 4), Change(ChangeKind.REMOVE, 3))))
    cluster.settle()
    cluster.tick(2)
    assert configurations(cluster)[1] == configurations(cluster)[4] == Configuration(ids(1, 2, 4))
    assert any("(1 2 4)&&(1 2 3)" in line for line in cluster.trace)


def test_a_joint_configuration_is_left_when_asked():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).propose_conf_change(change(ChangeKind.REMOVE, 3, transition=Transition.JOINT_EXPLICIT))
    cluster.settle()
    cluster.tick(3)
    assert configurations(cluster)[1] == Configuration(ids(1, 2), ids(1, 2, 3))
    cluster[1].propose_conf_change(LEAVE_JOINT)
    cluster.settle()
    assert configurations(cluster)[1] == Configuration(ids(1, 2))


def test_leaving_waits_for_the_end_of_a_handover():
    cluster = Cluster(1, 2, 3)
    node = cluster.elect(1)
    node.propose_conf_change(change(ChangeKind.REMOVE, 3, transition=Transition.JOINT_IMPLICIT))
    cluster.raft(1).transferee = 2
    cluster.settle()
    assert configurations(cluster)[1].joint
    cluster.raft(1).transferee = NOBODY
    cluster.tick()
    assert configurations(cluster)[1] == Configuration(ids(1, 2))


def test_a_new_leader_leaves_the_joint_configuration_it_finds():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster[1].propose_conf_change(change(ChangeKind.ADD_LEARNER, 3, transition=Transition.JOINT_IMPLICIT))
    cluster.raft(1).transferee = 9  # keeps the first leader from leaving
    cluster.settle()
    cluster.tick()
    cluster.cut(1)
    cluster[3].forget_leader()
    cluster[2].forget_leader()
    cluster[2].campaign()
    cluster.settle()
    assert configurations(cluster)[2] == Configuration(ids(1, 2), learners=ids(3)) or configurations(cluster)[2].joint
    cluster.heal()
    cluster.tick(3)
    assert configurations(cluster)[2] == Configuration(ids(1, 2), learners=ids(3))


@pytest.mark.parametrize(("step_down", "role"), [(True, Role.FOLLOWER), (False, Role.LEADER)])
def test_a_leader_that_is_removed_steps_down(step_down, role):
    cluster = Cluster(1, 2, 3, step_down_on_removal=step_down)
    cluster.elect(1).propose_conf_change(change(ChangeKind.REMOVE, 1))
    cluster.settle()
    assert cluster.roles()[1] is role
    assert configurations(cluster)[2] == Configuration(ids(2, 3))
    cluster.tick(25, 2, 3)
    assert Role.LEADER in {cluster.roles()[2], cluster.roles()[3]}


def test_with_fewer_voters_more_is_committed():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(2, 3)
    cluster[1].propose(b"a")
    cluster.settle()
    assert cluster.applied[1] == []
    for index, node in enumerate((2, 3), 9):
        cluster[1].apply_conf_change(entry(index, change(ChangeKind.REMOVE, node)))
    cluster.settle()
    assert cluster.applied[1] == [b"a"]


def test_a_handover_to_who_is_removed_is_over():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(3)
    cluster[1].propose(b"a")
    cluster[1].transfer_leadership(3)
    cluster[1].apply_conf_change(entry(9, change(ChangeKind.REMOVE, 3)))
    assert cluster[1].status().transferee == NOBODY


def test_a_change_that_came_with_a_snapshot_is_not_made_again():
    node = raft()
    node.configured_at = 5
    before = node.tracker.configuration
    assert apply_conf_change(node, entry(5, change(ChangeKind.REMOVE, 3))) == before
    assert apply_conf_change(node, entry(6, change(ChangeKind.REMOVE, 3))) == Configuration(ids(1, 2))
    assert node.configured_at == 6


def test_a_change_that_does_not_fit_changes_nothing():
    node = raft()
    with pytest.raises(InvalidChange):
        apply_conf_change(node, entry(5, LEAVE_JOINT))
    assert node.configured_at == 1
    assert node.tracker.configuration == Configuration(ids(1, 2, 3))


def test_unapplied_changes_are_found_on_every_page():
    storage = storage_of(1, 1, 1)
    storage.append([entry(5, change(ChangeKind.REMOVE, 3))])
    storage.set_hard_state(HardState(1, 0, 5))
    node = raft(storage=storage, max_committed_size_per_ready=1)
    assert has_unapplied_change(node)
    node.log.applied_to(5, 0)
    assert not has_unapplied_change(node)
