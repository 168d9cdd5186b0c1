"""How a node is set up.

Lives here: `RaftConfig`, values only, checked once. Must not live here: storage, dice and other components
(node.py takes them).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cordwood.raft.entries import ENTRY_OVERHEAD, NodeId
from cordwood.raft.errors import InvalidRaftConfig

MIB: Final = 1024 * 1024

TICK_SLACK: Final = 2
"""Two ticks of a lease are lost because two nodes count them from different moments."""


class ReadMode(enum.Enum):
    """What makes a read linearizable."""

    SAFE = "safe"
    """A quorum answers a heartbeat: no assumption about clocks."""
    LEASE = "lease"
    """The answers to earlier heartbeats: no waiting, if all ticks are equally long but for `max_clock_drift_ticks`."""


@dataclass(frozen=True, slots=True)
class RaftConfig:
    """The values of one node. Times are in ticks, sizes in bytes. Raises InvalidRaftConfig."""

    id: NodeId
    election_ticks: int = 10
    """A follower that hears of no leader for this long (and up to twice as long, by lot) campaigns."""
    heartbeat_ticks: int = 1
    applied: int = 0
    """What the application has applied already; entries up to there are not handed out again. It may know more than the
    hard state, whose commit index need not be durable."""
    async_storage: bool = False
    """Several Readies may be under way; `appended` and `applied` report them instead of `advance`."""
    check_quorum: bool = True
    """A leader that hears of no quorum for election_ticks steps down, and nobody votes while it hears of a leader."""
    pre_vote: bool = True
    read_mode: ReadMode = ReadMode.SAFE
    max_clock_drift_ticks: int = 1
    """By how much two clocks may differ over election_ticks; matters for ReadMode.LEASE alone."""
    forward_proposals: bool = True
    """A follower hands proposals on to the leader; else it drops them."""
    validate_changes: bool = True
    """Changes of the configuration are checked when they are proposed; off only if the application does it."""
    step_down_on_removal: bool = True
    """A leader that is no voter any more steps down."""
    max_entry_size: int = 8 * MIB
    """Larger proposals, and reads with a larger context, are dropped."""
    max_size_per_message: int = MIB
    """The entries of one message; a single larger entry goes alone."""
    max_committed_size_per_ready: int = 4 * MIB
    """The entries that are being applied at one time; a single larger one goes alone."""
    max_uncommitted_size: int = 64 * MIB
    """The data that a leader takes in and has not applied; further proposals are dropped."""
    max_inflight_messages: int = 256
    """Appends to one follower that are not acknowledged."""
    max_inflight_bytes: int = 16 * MIB
    """The data in them."""
    max_pending_reads: int = 4096
    """Reads that wait to be confirmed; further ones are dropped."""

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InvalidRaftConfig(problems)

    def _problems(self) -> Iterator[str]:
        if self.id <= 0:
            yield f"id {self.id}: ids are above 0"
        if self.heartbeat_ticks < 1:
            yield f"heartbeat_ticks {self.heartbeat_ticks}: at least 1"
        if self.election_ticks <= self.heartbeat_ticks:
            yield f"election_ticks {self.election_ticks}: more than heartbeat_ticks {self.heartbeat_ticks}"
        if self.applied < 0:
            yield f"applied {self.applied}: at least 0"
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                yield f"{name} {getattr(self, name)}: at least 1"
        if self.max_inflight_bytes < self.max_size_per_message:
            yield f"max_inflight_bytes {self.max_inflight_bytes}: at least one message of {self.max_size_per_message}"
        if self.max_entry_size < ENTRY_OVERHEAD:
            yield f"max_entry_size {self.max_entry_size}: at least {ENTRY_OVERHEAD}, which an empty entry takes"
        if self.read_mode is ReadMode.LEASE:
            yield from self._lease_problems()

    def _lease_problems(self) -> Iterator[str]:
        if not self.check_quorum:
            yield "read_mode lease: needs check_quorum"
        if self.max_clock_drift_ticks < 0:
            yield f"max_clock_drift_ticks {self.max_clock_drift_ticks}: at least 0"
        if self.lease_ticks <= self.heartbeat_ticks:
            yield f"election_ticks {self.election_ticks}: leaves a lease of {self.lease_ticks} ticks, no heartbeat long"

    @property
    def lease_ticks(self) -> int:
        """How long an answered heartbeat proves, from when it was sent, that there is no other leader."""
        return self.election_ticks - TICK_SLACK - self.max_clock_drift_ticks


_AT_LEAST_ONE: Final = (
    "max_size_per_message",
    "max_committed_size_per_ready",
    "max_uncommitted_size",
    "max_inflight_messages",
    "max_inflight_bytes",
    "max_pending_reads",
)
