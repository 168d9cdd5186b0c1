"""What may be said at once, and what must be durable first."""

from __future__ import annotations

import pytest

from cordwood.raft.entries import Position
from cordwood.raft.messages import AppendReply, Heartbeat, Message, PreVoteReply, Vote, VoteReply
from cordwood.raft.outbox import PROMISES, Outbox, is_promise
from tests.raft.test_messages import SAMPLES


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)
def test_promises_wait_for_the_disk(message):
    assert is_promise(message) is (type(message) in {AppendReply, VoteReply, PreVoteReply, Vote})
    box = Outbox(1)
    box.put(message)
    assert (box.replies if isinstance(message, PROMISES) else box.messages) == [message]


def test_what_a_node_tells_itself_waits_for_the_disk():
    box = Outbox(1)
    assert not box
    box.put(VoteReply(1, 1, 3, granted=True, committed=Position(1, 1)))
    assert (box.messages, box.replies, len(box.acks)) == ([], [], 1)
    assert box


def test_one_acknowledgement_stands_for_all_before():
    box = Outbox(1)
    box.acknowledge_own(3, 5)
    box.acknowledge_own(3, 7)
    assert box.acks == [AppendReply(1, 1, 3, 7)]


def test_a_vote_for_itself_is_not_lost():
    box = Outbox(1)
    vote: Message = VoteReply(1, 1, 3, granted=True, committed=Position(1, 1))
    box.put(vote)
    box.acknowledge_own(3, 5)
    assert box.acks == [vote, AppendReply(1, 1, 3, 5)]


def test_a_cleared_box_is_empty():
    box = Outbox(1)
    box.put(Heartbeat(1, 2, 3, 4, 5))
    box.put(Vote(1, 2, 3, Position(1, 1), Position(1, 1)))
    box.clear()
    assert not box
