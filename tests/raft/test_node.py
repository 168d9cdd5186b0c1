"""The face of a node."""

from __future__ import annotations

import pytest

from cordwood.raft import HardState, MemoryStorage, RaftConfig, RaftNode, Role
from cordwood.raft.entries import Position
from cordwood.raft.errors import LogDamaged, Misaddressed, OutOfTurn, UnknownPeer
from cordwood.raft.messages import Append, AppendReply, Heartbeat
from cordwood.raft.progress import ProgressState
from tests.raft.cluster import Cluster, lot, normal, storage_of, write


@pytest.mark.parametrize("message", [Heartbeat(1, 1, 1, 0, 1), Heartbeat(2, 3, 1, 0, 1)])
def test_a_message_for_another_is_refused(message):
    with pytest.raises(Misaddressed):
        Cluster(1, 2, 3)[1].step(message)


def test_an_answer_of_a_stranger_is_refused():
    cluster = Cluster(1, 2, 3)
    with pytest.raises(UnknownPeer) as caught:
        cluster[1].step(AppendReply(9, 1, 7, 3))
    assert caught.value.peer == 9
    assert cluster[1].status().term == 1


def test_a_damaged_node_wants_nothing_done():
    cluster = Cluster(1, 2, 3)
    for _ in range(2):
        with pytest.raises(LogDamaged, match="entry 9 is committed"):
            cluster[1].step(Heartbeat(2, 1, 3, 9, 1))
        with pytest.raises(LogDamaged, match="entry 9 is committed"):
            cluster[1].ready()


def test_one_ready_after_the_other():
    cluster = Cluster(1)
    cluster[1].campaign()
    ready = cluster[1].ready()
    with pytest.raises(OutOfTurn):
        cluster[1].ready()
    write(cluster.storages[1], ready.append)
    cluster[1].advance(ready)
    with pytest.raises(OutOfTurn):
        cluster[1].advance(ready)


def test_with_asynchronous_storage_nothing_is_advanced():
    node = RaftNode(RaftConfig(1, async_storage=True), storage_of(), lot)
    ready = node.ready()
    with pytest.raises(OutOfTurn):
        node.advance(ready)


def test_entries_that_were_applied_before_a_restart_are_not_applied_again():
    storage = storage_of(1, 1, 1)
    storage.set_hard_state(HardState(1, 0, 4))
    node = RaftNode(RaftConfig(1, applied=3), storage, lot)
    ready = node.ready()
    assert [entry.index for entry in ready.apply.entries] == [4]


def test_a_restarted_cluster_has_what_was_committed():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).propose(b"a")
    cluster.settle()
    for node in (1, 2, 3):
        cluster.restart(node)
    cluster.elect(2)
    assert cluster.applied == {1: [b"a"], 2: [b"a"], 3: [b"a"]}
    assert cluster[2].status().term == 3


def follower() -> tuple[RaftNode, MemoryStorage]:
    storage = storage_of()
    return RaftNode(RaftConfig(1, async_storage=True), storage, lot), storage


def append(term, *entries):
    return Append(term, 1, term, Position(1, 1), entries, 1)


def test_a_report_from_an_earlier_term_says_nothing_about_entries():
    """The race of three leaders: their entries are at the same place, the first and the third are the same."""
    node, storage = follower()
    jobs = []
    for term, entry in ((2, normal(2, 2)), (3, normal(2, 3)), (4, normal(2, 2))):
        node.step(append(term, entry))
        jobs.append(node.ready().append)
    write(storage, jobs[0])
    node.appended(jobs[0])
    unstable = node._raft.log.unstable
    assert [entry.term for entry in unstable.entries] == [2], "storage still gets the entry of term 3 in between"
    for job in jobs[1:]:
        write(storage, job)
        node.appended(job)
    assert unstable.entries == []
    assert storage.term(2) == 2


def test_entries_whose_report_came_too_late_are_let_go_by_a_later_one():
    node, storage = follower()
    node.step(append(2, normal(2, 2)))
    first = node.ready().append
    node.step(Heartbeat(3, 1, 3, 0, 1))
    second = node.ready().append
    assert (first.term, second.term, list(second.entries)) == (2, 3, [])
    for job in (first, second):
        write(storage, job)
        node.appended(job)
    assert node._raft.log.unstable.entries == []


def test_an_acknowledgement_waits_for_its_job():
    node, _ = follower()
    node.step(append(2, normal(2, 2)))
    ready = node.ready()
    assert ready.messages == ()
    assert ready.append.replies == (AppendReply(1, 2, 2, 2),)


def test_what_the_transport_says_is_heard():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster[1].report_unreachable(2)
    assert cluster.raft(1).tracker.progress[2].state is ProgressState.PROBE
    cluster.raft(1).tracker.progress[3].become_snapshot(2)
    cluster[1].report_snapshot(3, arrived=True)
    assert cluster.raft(1).tracker.progress[3].state is ProgressState.PROBE
    cluster[1].report_unreachable(9)
    cluster[1].report_snapshot(9, arrived=True)
    cluster.tick()
    assert cluster.roles()[1] is Role.LEADER
