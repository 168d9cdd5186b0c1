"""How one node of a group is set up.

Lives here: `GroupConfig`, values only, checked once, all mistakes at once. Must not live here: Raft's own values
(`raft.config`), components.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cordwood.model.errors import InvalidConfig
from cordwood.raft import RaftConfig
from cordwood.raftlog.config import RaftLogConfig

FRAMING_BYTES: Final = 64 * 1024
"""What a message may take besides the entries in it; a message counts 24 bytes for the head of each entry itself."""


@dataclass(frozen=True, slots=True)
class GroupConfig:
    """The values of one node. Raises InvalidConfig."""

    raft: RaftConfig
    """`async_storage` and `applied` are the driver's own: what is given here does not matter."""
    log: RaftLogConfig = field(default_factory=lambda: RaftLogConfig(unwritten_max_bytes=1 << 30))
    """What waits to be written is bounded by Raft (`max_uncommitted_size`, `max_inflight_bytes`); the log's own bound
    would hold the event loop up."""
    tick_ms: int = 100
    """How long a tick is; all times below are in ticks."""
    request_ticks: int = 50
    """A proposal or a read that has no answer by then fails."""
    max_pending_requests: int = 16_384
    """Proposals, and as many reads, that wait for their answer; further ones are refused."""
    max_pending_bytes: int = 64 << 20
    """The data of the proposals that wait."""
    snapshot_every_bytes: int = 64 << 20
    """A snapshot is made when so much was applied since the last one."""
    snapshot_every_entries: int = 100_000
    """Or so many entries."""
    keep_entries: int = 10_000
    """So many entries before a snapshot stay, for followers that are a little behind."""
    chunk_bytes: int = 512 << 10
    """A snapshot travels in pieces of this size, one at a time."""
    chunk_resend_ticks: int = 10
    """A piece that has no answer is sent again."""
    chunk_patience_ticks: int = 100
    """After so long without an answer the leader gives the snapshot up, until the follower is heard of again."""
    max_snapshot_bytes: int = 4 << 30
    """A snapshot that is larger is not received."""

    def __post_init__(self) -> None:
        mistakes = list(self._mistakes())
        if mistakes:
            raise InvalidConfig("; ".join(mistakes))

    def _mistakes(self) -> Iterator[str]:
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                yield f"{name} is {getattr(self, name)}, but must be at least 1"
        if self.keep_entries < 0:
            yield f"keep_entries is {self.keep_entries}, but must be at least 0"
        if self.max_pending_bytes < self.raft.max_entry_size:
            yield f"max_pending_bytes is {self.max_pending_bytes}, less than one entry of {self.raft.max_entry_size}"

    @property
    def max_message_bytes(self) -> int:
        """The largest message that one node sends to another."""
        return max(self.raft.max_entry_size, self.raft.max_size_per_message, self.chunk_bytes) + FRAMING_BYTES


_AT_LEAST_ONE: Final = (
    "tick_ms",
    "request_ticks",
    "max_pending_requests",
    "snapshot_every_bytes",
    "snapshot_every_entries",
    "chunk_bytes",
    "chunk_resend_ticks",
    "chunk_patience_ticks",
    "max_snapshot_bytes",
)
