"""What a leader sends."""

from __future__ import annotations

import pytest

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import ENTRY_OVERHEAD, Position
from cordwood.raft.errors import SnapshotUnavailable
from cordwood.raft.messages import Append, Heartbeat, InstallSnapshot
from cordwood.raft.progress import ProgressState
from cordwood.raft.sending import broadcast_heartbeat, send_append
from tests.raft.cluster import ids, raft, storage_of


def leader(*terms, **config):
    node = raft(storage=storage_of(*terms), **config)
    node.become_candidate()
    node.become_leader()
    node.outbox.clear()
    return node


def sent(node):
    return [message for message in node.outbox.messages if isinstance(message, Append)]


def follow(node, follower, match):
    progress = node.tracker.progress[follower]
    progress.match = match
    progress.become_replicate()
    return progress


def test_a_follower_gets_what_is_next_for_it():
    node = leader(1, 1)
    progress = follow(node, 2, match=2)
    node.log.commit_to(3)
    assert send_append(node, 2)
    (message,) = sent(node)
    assert (message.previous, [entry.index for entry in message.entries], message.commit) == (Position(1, 2), [3, 4], 3)
    assert (progress.next, progress.sent_commit) == (5, 3)


def test_messages_have_their_size():
    node = leader(1, 1, max_size_per_message=2 * ENTRY_OVERHEAD)
    follow(node, 2, match=1)
    send_append(node, 2)
    send_append(node, 2)
    assert [len(message.entries) for message in sent(node)] == [2, 1]


def test_a_probe_is_sent_once():
    node = leader(1)
    assert send_append(node, 2)
    assert not send_append(node, 2)
    assert len(sent(node)) == 1


def test_an_empty_message_only_when_it_is_wanted():
    node = leader(1)
    follow(node, 2, match=3)
    assert not send_append(node, 2, even_empty=False)
    assert send_append(node, 2)
    assert sent(node)[0].entries == ()


def test_into_a_full_window_goes_an_empty_message():
    node = leader(1, 1, max_inflight_messages=1, max_size_per_message=1)
    progress = follow(node, 2, match=1)
    send_append(node, 2)
    assert progress.paused
    progress.paused_flow = False
    send_append(node, 2)
    assert [len(message.entries) for message in sent(node)] == [1, 0]
    assert progress.paused


def compacted(recent=True):
    node = leader(1, 1, 1)
    node.log.commit_to(4)
    storage = node.log.storage
    storage.create_snapshot(4, Configuration(ids(1, 2, 3)), b"state")
    storage.compact(3)
    node.tracker.progress[2].next = 2
    node.tracker.progress[2].recent = recent
    return node


def test_who_needs_what_is_gone_gets_a_snapshot():
    node = compacted()
    assert send_append(node, 2)
    (message,) = node.outbox.messages
    assert isinstance(message, InstallSnapshot)
    assert message.snapshot.index == 4
    assert node.tracker.progress[2].state is ProgressState.SNAPSHOT
    assert not send_append(node, 2)


def test_who_was_not_heard_of_gets_no_snapshot():
    node = compacted(recent=False)
    assert not send_append(node, 2)
    assert node.outbox.messages == []


def test_a_snapshot_that_is_not_there_yet_is_asked_for_again(monkeypatch):
    node = compacted()

    def none():
        raise SnapshotUnavailable("being made")

    monkeypatch.setattr(node.log.storage, "snapshot", none)
    assert not send_append(node, 2)
    monkeypatch.undo()
    assert send_append(node, 2)


@pytest.mark.parametrize(("match", "commit"), [(1, 1), (2, 2), (3, 2)])
def test_a_heartbeat_tells_no_commit_beyond_what_the_follower_has(match, commit):
    node = leader(1)
    node.log.commit_to(2)
    node.tracker.progress[2].match = match
    node.tracker.progress[2].next = match + 1
    broadcast_heartbeat(node)
    first, second = node.outbox.messages
    assert first == Heartbeat(1, 2, 2, commit, 1)
    assert (second.to, second.round) == (3, 1)
