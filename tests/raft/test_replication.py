"""Entries on their way to everybody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.raft.entries import ENTRY_OVERHEAD, Position
from cordwood.raft.errors import Malformed
from cordwood.raft.messages import Append, AppendReply, Heartbeat, HeartbeatReply
from cordwood.raft.progress import ProgressState
from cordwood.raft.replication import (
    advance_commit,
    may_commit,
    on_append,
    on_append_reply,
    on_heartbeat,
    on_heartbeat_reply,
)
from cordwood.raft.state import HardState
from tests.raft.cluster import Cluster, normal, raft, storage_of


def answers(node):
    return [message for message in node.outbox.replies if isinstance(message, AppendReply)]


def test_what_a_quorum_has_is_committed_and_applied_everywhere():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(3)
    assert cluster[1].propose(b"a", b"b") == Position(2, 4)
    cluster.settle()
    assert cluster.applied[1] == cluster.applied[2] == [b"a", b"b"]
    assert cluster.applied[3] == []
    cluster.heal()
    cluster.tick()
    assert cluster.applied[3] == [b"a", b"b"]


def test_without_a_quorum_nothing_is_committed():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.cut(2, 3)
    cluster[1].propose(b"a")
    cluster.settle()
    assert cluster.applied[1] == []


def test_the_leaders_own_disk_counts_like_any_other():
    node = raft()
    node.become_candidate()
    node.become_leader()
    node.tracker.progress[2].match = 2
    assert not advance_commit(node)
    node.tracker.progress[1].match = 2
    assert advance_commit(node)


def test_entries_of_earlier_terms_are_committed_with_one_of_the_own():
    node = raft(storage=storage_of(1, 1))
    node.become_candidate()
    node.become_leader()
    for follower in (1, 2):
        node.tracker.progress[follower].match = 3
    assert not may_commit(node, 3)
    assert not advance_commit(node)
    for follower in (1, 2):
        node.tracker.progress[follower].match = 4
    assert advance_commit(node)
    assert node.log.committed == 4


def test_an_append_is_acknowledged_up_to_what_it_brought():
    node = raft(storage=storage_of(1, 1, 1))
    on_append(node, Append(2, 1, 1, Position(1, 2), (normal(3, 1),), 3))
    assert answers(node) == [AppendReply(1, 2, 1, 3)]
    assert node.log.committed == 3


def test_an_old_append_is_answered_with_what_is_committed():
    storage = storage_of(1, 1, 1)
    storage.set_hard_state(HardState(1, 0, 4))
    node = raft(storage=storage)
    on_append(node, Append(2, 1, 1, Position(1, 2), (normal(3, 1),), 3))
    assert answers(node) == [AppendReply(1, 2, 1, 4)]


@pytest.mark.parametrize(
    ("previous", "hint"),
    [
        (Position(5, 9), Position(4, 6)),  # too short: where it ends
        (Position(3, 6), Position(3, 4)),  # its later terms cannot be the leader's
        (Position(2, 5), Position(1, 2)),
    ],
)
def test_a_rejection_says_where_to_try(previous, hint):
    node = raft(storage=storage_of(1, 3, 3, 4, 4))
    on_append(node, Append(2, 1, 1, previous, (), 1))
    assert answers(node) == [AppendReply(1, 2, 1, previous.index, rejected=True, hint=hint)]


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ((normal(4, 1),), "entry 4 of term 1 does not follow 2 of term 1"),
        ((normal(3, 1), normal(3, 1)), "entry 3 of term 1 does not follow 3 of term 1"),
        ((normal(3, 2),), "in an append of term 1"),
        ((normal(3, 0),), "entry 3 of term 0"),
    ],
)
def test_entries_that_do_not_follow_each_other_are_refused(entries, fault):
    node = raft(storage=storage_of(1, 1))
    with pytest.raises(Malformed, match=fault):
        on_append(node, Append(2, 1, 1, Position(1, 2), entries, 1))
    assert node.log.last() == Position(1, 3)


def test_a_heartbeat_tells_how_far_to_apply():
    node = raft(storage=storage_of(1, 1))
    on_heartbeat(node, Heartbeat(2, 1, 1, 3, 7))
    assert node.log.committed == 3
    assert node.outbox.messages == [HeartbeatReply(1, 2, 1, 7)]


def terms(*choices):
    return st.lists(st.sampled_from(choices), max_size=4).map(sorted)


@settings(max_examples=40, deadline=None)
@given(terms(1, 2), terms(3, 5), terms(4, 6))
def test_whatever_a_followers_log_it_becomes_the_leaders(common, own, other):
    """The logs agree at first, and then go on in terms of different leaders. It takes about a probe for each term."""
    leaders, followers = common + own, common + other
    cluster = Cluster(1, 2, pre_vote=False)
    cluster.add(1, storage_of(*leaders, configuration=cluster.configuration))
    cluster.add(2, storage_of(*followers, configuration=cluster.configuration))
    for node, log in ((1, leaders), (2, followers)):
        cluster.storages[node].set_hard_state(HardState(max([1, *log]), 0, 1))
        cluster.restart(node)
    cluster.raft(1).become_follower(7, 0)
    cluster.raft(1).become_candidate()
    cluster.raft(1).become_leader()
    cluster.tick(2)
    ours, theirs = cluster.raft(1).log, cluster.raft(2).log
    assert [theirs.term_or_zero(index) for index in range(1, 10)] == [
        ours.term_or_zero(index) for index in range(1, 10)
    ]
    rejections = [message for message in cluster.sent if isinstance(message, AppendReply) and message.rejected]
    assert len(rejections) <= len(set(leaders) | set(followers)) + 1


def test_a_lost_append_is_sent_again():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    cluster.drop = lambda message: isinstance(message, Append) and message.to == 2
    cluster[1].propose(b"a")
    cluster.settle()
    cluster.heal()
    cluster[1].propose(b"b")
    cluster.tick()
    assert cluster.applied[2] == [b"a", b"b"]
    assert cluster.raft(1).tracker.progress[2].state is ProgressState.REPLICATE


def test_a_full_window_opens_again():
    cluster = Cluster(1, 2, 3, max_inflight_messages=2, max_size_per_message=ENTRY_OVERHEAD + 1)
    cluster.elect(1)
    cluster.cut(2)
    for letter in b"abcdef":
        cluster[1].propose(bytes([letter]))
    cluster.settle()
    assert cluster.raft(1).tracker.progress[2].inflights.full
    cluster.heal()
    cluster.tick(4)
    assert b"".join(cluster.applied[2]) == b"abcdef"


def test_nobody_has_more_than_its_leader():
    cluster = Cluster(1, 2, 3)
    cluster.elect(1)
    with pytest.raises(Malformed, match="2 has entry 9"):
        cluster[1].step(AppendReply(2, 1, 2, 9))
    assert cluster[1].status().commit == 2


def test_an_answer_of_one_who_was_removed_is_ignored():
    cluster = Cluster(1, 2, 3)
    node = cluster.elect(1)._raft
    del node.tracker.progress[3]
    on_append_reply(node, AppendReply(3, 1, 2, 9))
    on_heartbeat_reply(node, HeartbeatReply(3, 1, 2, 9))
    assert (node.log.committed, node.rounds.answered.get(3)) == (2, None)
