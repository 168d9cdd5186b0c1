"""Messages can be sent as bytes."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from cordwood.raft.changes import Change, ChangeKind, ConfChange, encode_change
from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Entry, EntryKind, Position
from cordwood.raft.messages import (
    Append,
    AppendReply,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    Message,
    PeerMessage,
    PreVote,
    PreVoteReply,
    Propose,
    ReadIndex,
    ReadIndexReply,
    TimeoutNow,
    TransferLeader,
    Vote,
    VoteReply,
)
from cordwood.raft.state import Snapshot

CHANGE = Entry(3, 2, EntryKind.CONF_CHANGE, encode_change(ConfChange((Change(ChangeKind.REMOVE, 3),))))

SAMPLES = [
    Vote(1, 2, 5, Position(4, 9), Position(4, 8), transfer=True),
    VoteReply(1, 2, 5, granted=True, committed=Position(4, 8)),
    PreVote(1, 2, 5, Position(4, 9), Position(4, 8)),
    PreVoteReply(1, 2, 5, granted=False, committed=Position(4, 8)),
    Append(1, 2, 5, Position(4, 9), (Entry(10, 5, data=b"x"), CHANGE), 8),
    AppendReply(1, 2, 5, 9, rejected=True, hint=Position(3, 7)),
    Heartbeat(1, 2, 5, 8, 3),
    HeartbeatReply(1, 2, 5, 3),
    InstallSnapshot(1, 2, 5, Snapshot(7, 3, Configuration(frozenset({1, 2}), learners=frozenset({3})), b"state")),
    TimeoutNow(1, 2, 5),
    Propose(1, 2, 0, (Entry(0, 0, data=b"x"),)),
    ReadIndex(1, 2, 0, b"read"),
    ReadIndexReply(1, 2, 5, 8, b"read"),
    TransferLeader(1, 2, 5, 3),
]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)
def test_a_message_is_read_back(message):
    encoded = msgspec.msgpack.encode(message)
    assert msgspec.msgpack.decode(encoded, type=PeerMessage) == message


def test_there_is_a_sample_of_every_message():
    own = {
        kind for kind in Message.__subclasses__() if kind.__module__ == Message.__module__
    }  # A shell may add others.
    assert {type(sample) for sample in SAMPLES} == set(get_args(PeerMessage)) == own
