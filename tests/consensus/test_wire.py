"""Messages as bytes: read back as they were, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.consensus.wire import SnapshotChunk, SnapshotChunkReply, decode, encode
from cordwood.model.consensus_errors import InvalidPeerMessage
from cordwood.raft import Entry, EntryKind, Position
from cordwood.raft.messages import Append, Heartbeat, Propose, TimeoutNow, Vote, VoteReply

MESSAGES = [
    Vote(1, 2, 7, Position(6, 40), Position(5, 30), transfer=True),
    VoteReply(2, 1, 7, granted=True, committed=Position(5, 30)),
    Append(1, 3, 7, Position(6, 40), (Entry(41, 7, EntryKind.CONF_CHANGE, b"x"), Entry(42, 7)), 39),
    Heartbeat(1, 3, 7, 39, 5),
    Propose(3, 1, 0, (Entry(0, 0, EntryKind.NORMAL, bytes(300)),)),
    TimeoutNow(1, 2, 7),
    SnapshotChunk(1, 2, 7, 40, 6, 1000, 300, bytes(100)),
    SnapshotChunkReply(2, 1, 7, 40, 6, 400, done=True),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_read_back(message):
    assert decode(encode(message), 10_000) == message


def test_every_byte_counts():
    frame = encode(MESSAGES[2])
    for at in range(len(frame)):
        with pytest.raises(InvalidPeerMessage):
            decode(frame[:at] + bytes([frame[at] ^ 4]) + frame[at + 1 :], 10_000)
        with pytest.raises(InvalidPeerMessage):
            decode(frame[:at], 10_000)


def test_a_frame_has_a_limit():
    frame = encode(MESSAGES[4])
    decode(frame, len(frame))
    with pytest.raises(InvalidPeerMessage, match="not in"):
        decode(frame, len(frame) - 1)


@given(st.binary(max_size=60))
def test_bytes_are_no_message(data):
    with pytest.raises(InvalidPeerMessage):
        decode(data, 10_000)
