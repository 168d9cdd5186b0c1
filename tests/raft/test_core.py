"""The state of a node and its changes of role."""

from __future__ import annotations

import pytest

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import NOBODY
from cordwood.raft.errors import LogDamaged
from cordwood.raft.messages import AppendReply
from cordwood.raft.state import HardState, Role
from tests.raft.cluster import ids, normal, raft, storage_of


def leader(**config):
    node = raft(**config)
    node.become_candidate()
    node.become_leader()
    return node


def test_a_node_starts_from_what_is_on_disk():
    storage = storage_of(1, 2, 2)
    storage.set_hard_state(HardState(4, 2, 3))
    node = raft(storage=storage, applied=2)
    assert (node.term, node.vote, node.log.committed, node.log.applied) == (4, 2, 3, 2)
    assert node.hard_state() == HardState(4, 2, 3)
    assert node.restarted


def test_what_is_in_a_snapshot_is_committed():
    storage = storage_of(1, 2, 2)
    storage.set_hard_state(HardState(4, 2, 0))
    assert raft(storage=storage).log.committed == 1


def test_what_was_applied_is_committed():
    storage = storage_of(1, 2, 2)
    storage.set_hard_state(HardState(4, 2, 2))
    node = raft(storage=storage, applied=3)
    assert (node.log.committed, node.log.applied) == (3, 3)


@pytest.mark.parametrize(("commit", "applied"), [(5, 0), (3, 5)])
def test_a_log_that_was_lost_is_noticed(commit, applied):
    storage = storage_of(1, 2, 2)
    storage.set_hard_state(HardState(4, 2, commit))
    with pytest.raises(LogDamaged):
        raft(storage=storage, applied=applied)


def test_a_candidate_opens_a_term_and_votes_for_itself():
    node = raft()
    node.become_candidate()
    assert (node.term, node.vote, node.role, node.leader) == (2, 1, Role.CANDIDATE, NOBODY)


def test_a_pre_candidate_changes_neither_term_nor_vote():
    node = raft()
    node.become_follower(3, 2)
    node.vote = 2
    node.tracker.record_vote(3, granted=True)
    node.become_pre_candidate()
    assert (node.term, node.vote, node.role, node.leader) == (3, 2, Role.PRE_CANDIDATE, NOBODY)
    assert node.tracker.votes == {}


def test_a_leader_opens_its_term_with_an_entry():
    node = leader()
    assert (node.role, node.leader, node.log.last().term, node.log.last().index) == (Role.LEADER, 1, 2, 2)
    assert node.outbox.acks[-1] == AppendReply(1, 1, 2, 2)
    assert node.pending_change == 1


def test_a_vote_is_kept_within_its_term():
    node = raft()
    node.become_candidate()
    node.become_follower(2, 3)
    assert node.vote == 1
    node.become_follower(3, NOBODY)
    assert node.vote == NOBODY


def test_a_new_term_forgets_what_belonged_to_the_old_one():
    node = leader()
    node.append([normal(3, 2, b"data")])
    node.transferee = 2
    node.lease_given_away = True
    node.rounds.start(1, 1)
    node.become_follower(2, NOBODY)
    assert (node.transferee, node.lease_given_away, node.rounds.round, node.uncommitted_size) == (NOBODY, False, 0, 0)


def test_only_who_may_leads():
    with pytest.raises(AssertionError, match="election"):
        raft().become_leader()
    with pytest.raises(AssertionError, match="no election"):
        leader().become_candidate()
    with pytest.raises(AssertionError, match="no election"):
        leader().become_pre_candidate()


@pytest.mark.parametrize(
    ("configuration", "can"),
    [
        (Configuration(ids(1, 2)), True),
        (Configuration(ids(2), ids(1, 2)), True),
        (Configuration(ids(2), learners=ids(1)), False),
        (Configuration(ids(2)), False),
    ],
)
def test_voters_can_become_leaders(configuration, can):
    assert raft(storage=storage_of(configuration=configuration)).promotable() is can


def test_a_leader_knows_everything_once_it_committed_in_its_term():
    node = leader()
    assert not node.committed_in_own_term()
    node.log.commit_to(2)
    assert node.committed_in_own_term()
