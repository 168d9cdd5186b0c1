"""Messages of nodes, read off the wire."""

from __future__ import annotations

import pytest

from cordwood.consensus.wire import encode
from cordwood.raft.messages import Heartbeat
from cordwood.sim.quorum.overhearing import Overhearing
from cordwood.wire.frame import join, request_frame
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from cordwood.wire.messages.peer_message import PeerMessageRequest


class End:
    """One end of a connection."""


@pytest.fixture
def told():
    return []


@pytest.fixture
def overhear(told):
    return Overhearing(told.append)


def frame_of(round_: int) -> bytes:
    carried = PeerMessageRequest(memoryview(encode(Heartbeat(1, 2, 3, 4, round_))))
    return join(request_frame(20_001, 0, round_, "node 1", carried))


def test_messages_are_told_in_their_order_however_they_are_written(told, overhear):
    end, other = End(), End()
    data = frame_of(1) + frame_of(2) + join(request_frame(18, 0, 1, "x", ApiVersionsRequest())) + frame_of(3)
    for start in range(0, len(data), 7):
        overhear(end, data[start : start + 7])
        overhear(other, b"")
    assert told == [Heartbeat(1, 2, 3, 4, round_) for round_ in (1, 2, 3)]


def test_what_is_no_message_of_a_node_is_passed_over(told, overhear):
    overhear(End(), join(request_frame(18, 0, 1, "x", ApiVersionsRequest())))
    overhear(End(), b"\x00\x00")
    assert not told
