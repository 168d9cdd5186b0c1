"""The settings of the quorum fit together, and are told in the units of those who act on them."""

from __future__ import annotations

import pytest

from cordwood.model.limits import CONTROL_REQUEST_SIZE_LIMIT_BYTES
from cordwood.model.settings.quorum_rows import QUORUM_ROWS
from cordwood.node.configuration import load
from cordwood.node.quorum_settings import TICK_MS
from cordwood.raft import NodeId


def extremes() -> list[list[str]]:
    """Each numeric row at each end of its range, one at a time."""
    rows = [row for row in QUORUM_ROWS if row.low is not None]
    return [[f"{row.name}={int(end)}"] for row in rows for end in (row.low, row.high) if end is not None]


def test_by_default_a_leader_is_missed_within_a_second():
    group = load().quorum.group_config(NodeId(7))
    assert group.raft.id == 7
    assert group.raft.election_ticks * TICK_MS == 500
    assert group.raft.heartbeat_ticks * TICK_MS == 100
    assert group.request_ticks * TICK_MS == 2_000


@pytest.mark.parametrize("sets", extremes(), ids=lambda sets: sets[0])
def test_every_value_in_range_makes_a_group_and_peers(sets):
    quorum = load(sets=sets).quorum
    assert quorum.group_config(NodeId(1)).max_message_bytes <= CONTROL_REQUEST_SIZE_LIMIT_BYTES
    assert quorum.group_config(NodeId(1)).max_message_bytes <= quorum.peer_config().queue_bytes


def test_values_are_told():
    quorum = load(
        sets=[
            "controller.quorum.fetch.timeout.ms=3000",
            "controller.quorum.request.timeout.ms=4000",
            "controller.quorum.retry.backoff.ms=30",
            "controller.quorum.fetch.max.bytes=5000",
            "controller.quorum.fetch.snapshot.max.bytes=6000",
            "metadata.log.max.record.bytes.between.snapshots=7000",
            "metadata.log.segment.bytes=8388608",
            "peer.queue.max.messages=9",
            "peer.queue.max.bytes=16777216",
            "peer.max.requests.in.flight=10",
            "peer.reconnect.backoff.max.ms=1100",
        ]
    ).quorum
    group, peers = quorum.group_config(NodeId(1)), quorum.peer_config()
    assert group.raft.election_ticks * TICK_MS == 3_000
    assert group.request_ticks * TICK_MS == 4_000
    assert (group.raft.max_size_per_message, group.chunk_bytes) == (5_000, 6_000)
    assert (group.snapshot_every_bytes, group.log.chunk_max_bytes) == (7_000, 8_388_608)
    assert (peers.queue_messages, peers.queue_bytes, peers.requests_in_flight) == (9, 16_777_216, 10)
    assert (peers.timeout_ms, peers.answer_timeout_ms) == (4_000, 4_000)
    assert (peers.backoff_ms, peers.backoff_max_ms) == (30, 1_100)


def test_a_short_timeout_still_hears_of_the_leader_twice():
    raft = load(sets=["controller.quorum.fetch.timeout.ms=200"]).quorum.group_config(NodeId(1)).raft
    assert raft.heartbeat_ticks * 2 <= raft.election_ticks
