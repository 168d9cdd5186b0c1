"""What a node wants done."""

from __future__ import annotations

from cordwood.raft import HardState, MemoryStorage, Position, RaftConfig, RaftNode, Role
from cordwood.raft.messages import Append, AppendReply, InstallSnapshot, Vote, VoteReply
from cordwood.raft.ready import has_ready, make_ready
from cordwood.raft.state import Snapshot, SoftState
from tests.raft.cluster import Cluster, lot, normal, raft, storage_of, write


def node(**config) -> tuple[RaftNode, MemoryStorage]:
    storage = storage_of()
    return RaftNode(RaftConfig(1, **config), storage, lot), storage


def test_nothing_new_is_nothing_to_do():
    alone, _ = node()
    assert not alone.has_ready()
    ready = alone.ready()
    assert (ready.soft_state, ready.messages, ready.append, ready.apply, ready.read_states) == (
        None,
        (),
        None,
        None,
        (),
    )


def test_a_candidate_asks_for_votes_when_term_and_vote_are_durable():
    candidate, _ = node(pre_vote=False)
    candidate.campaign()
    ready = candidate.ready()
    assert ready.soft_state == SoftState(0, Role.CANDIDATE)
    assert ready.messages == ()
    assert ready.append.hard_state == HardState(2, 1, 1)
    assert ready.append.must_sync
    assert [type(reply) for reply in ready.append.replies] == [Vote, Vote]
    assert ready.append.acks == (VoteReply(1, 1, 2, granted=True, committed=Position(1, 1)),)


def test_a_leader_sends_entries_while_it_writes_them():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1).propose(b"a")
    ready = cluster[1].ready()
    assert {type(message) for message in ready.messages} == {Append}
    assert [entry.data for entry in ready.append.entries] == [b"a"]
    assert ready.append.acks == (AppendReply(1, 1, 2, 3),)
    assert ready.append.hard_state is None
    assert ready.append.must_sync
    assert ready.append.last.index == 3


def test_a_commit_index_alone_need_not_be_durable():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    told = HardState(2, 1, 1)
    ready = make_ready(cluster.raft(1), cluster.raft(1).soft_state(), told, asynchronous=False)
    assert ready.append.hard_state == HardState(2, 1, 2)
    assert not ready.append.must_sync


def test_what_is_made_can_be_seen_without_making_it():
    fresh = raft()
    soft, hard = fresh.soft_state(), fresh.hard_state()
    assert not has_ready(fresh, soft, hard, asynchronous=False)
    fresh.become_candidate()
    assert has_ready(fresh, soft, hard, asynchronous=False)
    assert has_ready(fresh, soft, fresh.hard_state(), asynchronous=False)
    assert not has_ready(fresh, fresh.soft_state(), fresh.hard_state(), asynchronous=False)


def test_a_snapshot_is_written_before_entries_are_applied():
    cluster = Cluster(1, 2, 3)
    follower = cluster[2]
    follower.step(InstallSnapshot(1, 2, 2, Snapshot(9, 1, cluster.configuration, b"state")))
    ready = follower.ready()
    assert ready.append.snapshot.index == 9
    assert ready.append.must_sync
    assert ready.append.replies == (AppendReply(2, 1, 2, 9),)
    assert ready.apply is None


def test_committed_entries_wait_for_the_disk_only_with_asynchronous_storage():
    for asynchronous in (False, True):
        cluster = Cluster(1)
        cluster.elect(1)
        leader = cluster.raft(1)
        leader.append([normal(3, 2, b"a")])
        leader.log.commit_to(3)
        ready = make_ready(leader, leader.soft_state(), leader.hard_state(), asynchronous=asynchronous)
        assert (ready.apply is None) is asynchronous


def test_two_jobs_can_be_under_way():
    leader, storage = node(async_storage=True, pre_vote=False)
    leader.campaign()
    first = leader.ready()
    leader.campaign()
    second = leader.ready()
    assert (first.append.term, second.append.term) == (2, 3)
    for job in (first.append, second.append):
        write(storage, job)
        leader.appended(job)
    assert storage.initial_state()[0].term == 3
