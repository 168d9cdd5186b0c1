"""What a node is and knows: its role, what it must never forget, what a snapshot says.

Lives here: the values that cross the border of this package besides entries and messages. Must not live here: how they
change (core.py) and how they are stored.
"""

from __future__ import annotations

import enum

import msgspec

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import NOBODY, Index, NodeId, Position, Term


class Role(enum.Enum):
    """What a node does in its term."""

    FOLLOWER = "follower"
    PRE_CANDIDATE = "pre-candidate"
    """Asks whether an election could be won, without disturbing anybody's term (Raft thesis, section 9.6)."""
    CANDIDATE = "candidate"
    LEADER = "leader"


class HardState(msgspec.Struct, frozen=True, array_like=True):
    """What a node must find again after a crash.

    1. `term` never goes back, and within a term `vote` is given once.
    2. Both are durable before anybody is told of them.
    3. `commit` may be older than what was told: it is found out again.
    """

    term: Term = 0
    vote: NodeId = NOBODY
    commit: Index = 0


class SoftState(msgspec.Struct, frozen=True):
    """What is of interest now and of none after a restart."""

    leader: NodeId
    """The leader of this term, or NOBODY if it is not known."""
    role: Role


class Snapshot(msgspec.Struct, frozen=True):
    """Takes the place of the log up to `index`: everything in it is committed."""

    index: Index
    term: Term
    configuration: Configuration
    data: bytes = b""
    """The application's: its state, or how to get hold of it."""

    @property
    def position(self) -> Position:
        """The last entry that the snapshot takes the place of."""
        return Position(self.term, self.index)


class ReadState(msgspec.Struct, frozen=True):
    """The answer to `read_index`: who has applied the log up to `index` may answer the read, and it is not stale."""

    index: Index
    context: bytes
    """What the read was asked with."""


def bootstrap_snapshot(configuration: Configuration, data: bytes = b"") -> Snapshot:
    """With what every first member of a cluster starts its storage.

    The first configuration is in no entry. As part of a snapshot it also reaches members that join later, who start
    with nothing.
    """
    return Snapshot(1, 1, configuration, data)
