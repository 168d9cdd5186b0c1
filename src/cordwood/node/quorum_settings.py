"""What the configuration says about the quorum of the metadata, and what its parts make of it.

Lives here: the values, and how they are told to a Raft group and to the way to the peers. Must not live here: the reading of
sources (`configuration`), and who votes (`voters`, and later the cluster itself).

Times of the group are counted in ticks of TICK_MS. A follower waits for `fetch_timeout_ms` and by lot up to twice as
long, so the ticks are short: among twenty moments two candidates seldom choose the same.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.consensus.config import GroupConfig
from cordwood.node.addresses import HostPort
from cordwood.peers.config import PeerConfig
from cordwood.raft import NodeId, RaftConfig
from cordwood.raftlog.config import RaftLogConfig

TICK_MS: Final = 25
HEARTBEAT_MS: Final = 100
"""How often a leader is heard of; five times within the shortest time that a follower waits by default."""

CHUNK_RESEND_MS: Final = 1_000
CHUNK_PATIENCE_MS: Final = 10_000
UNWRITTEN_MAX_BYTES: Final = 1 << 30
"""The group itself bounds what waits to be written; the log must not hold the event loop up (`consensus.config`)."""


class QuorumSettings(msgspec.Struct, frozen=True):
    """The settings by which a broker takes part in a quorum."""

    bootstrap_servers: tuple[HostPort, ...]
    fetch_timeout_ms: int
    request_timeout_ms: int
    retry_backoff_ms: int
    message_max_bytes: int
    chunk_bytes: int
    snapshot_every_bytes: int
    log_segment_bytes: int
    queue_messages: int
    queue_bytes: int
    requests_in_flight: int
    reconnect_backoff_max_ms: int

    def group_config(self, raft_id: NodeId) -> GroupConfig:
        """How the group runs on the node that has this number in it."""
        return GroupConfig(
            RaftConfig(
                raft_id,
                election_ticks=_ticks(self.fetch_timeout_ms),
                heartbeat_ticks=_ticks(min(HEARTBEAT_MS, self.fetch_timeout_ms // 2)),
                max_size_per_message=self.message_max_bytes,
            ),
            RaftLogConfig(chunk_max_bytes=self.log_segment_bytes, unwritten_max_bytes=UNWRITTEN_MAX_BYTES),
            tick_ms=TICK_MS,
            request_ticks=_ticks(self.request_timeout_ms),
            snapshot_every_bytes=self.snapshot_every_bytes,
            chunk_bytes=self.chunk_bytes,
            chunk_resend_ticks=_ticks(CHUNK_RESEND_MS),
            chunk_patience_ticks=_ticks(CHUNK_PATIENCE_MS),
        )

    def peer_config(self) -> PeerConfig:
        """How peers are reached."""
        return PeerConfig(
            queue_messages=self.queue_messages,
            queue_bytes=self.queue_bytes,
            requests_in_flight=self.requests_in_flight,
            timeout_ms=self.request_timeout_ms,
            answer_timeout_ms=self.request_timeout_ms,
            backoff_ms=self.retry_backoff_ms,
            backoff_max_ms=self.reconnect_backoff_max_ms,
        )

    @property
    def peer_message_max_bytes(self) -> int:
        """The largest request that one member sends to another."""
        return self.group_config(NodeId(1)).max_message_bytes


def _ticks(milliseconds: int) -> int:
    return max(1, -(-milliseconds // TICK_MS))
