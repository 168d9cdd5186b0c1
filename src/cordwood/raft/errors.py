"""What can go wrong in Raft, by what the caller can do about it.

Lives here: every error that this package raises on purpose. Must not live here: how they are told to clients.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from cordwood.raft.entries import Index, NodeId, Term


class RaftError(Exception):
    """Any error of this package."""


class InvalidRaftConfig(RaftError):
    """The configuration of a node does not hold together; all that is wrong is told at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class DropReason(enum.Enum):
    """Why a proposal or a read was not taken in."""

    NO_LEADER = "no leader is known: try again"
    NOT_FORWARDED = "this node is not the leader and does not forward: go to the leader"
    NOT_A_MEMBER = "the leader has been removed from the configuration: try again at the next one"
    TRANSFERRING = "the leadership is being handed over: try again"
    TOO_MUCH_UNCOMMITTED = "too many bytes wait to be committed: slow down, then try again"
    TOO_LARGE = "an entry or a read context is larger than max_entry_size: make it smaller"
    TOO_MANY_READS = "too many reads wait to be confirmed: slow down, then try again"
    CHANGE_PENDING = "another change of the configuration may not be applied yet: try again after it"


class ProposalDropped(RaftError):
    """Nothing was appended, or nothing was asked of the leader; the reason says whether trying again helps."""

    def __init__(self, reason: DropReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class InvalidChange(RaftError):
    """A configuration change does not fit the configuration that it was applied to."""


class Misaddressed(RaftError):
    """A message is meant for another node, or claims to come from the very node that it was handed to."""


class Malformed(RaftError):
    """A message says something that no correct node says; it was not acted on."""


class UnknownPeer(RaftError):
    """A reply came from a node that is not in the configuration."""

    def __init__(self, peer: NodeId) -> None:
        super().__init__(f"node {peer} is not in the configuration: its reply is of no use")
        self.peer = peer


class Compacted(RaftError):
    """The entry was replaced by a snapshot."""

    def __init__(self, index: Index, first: Index) -> None:
        super().__init__(f"entry {index} is compacted: the log begins at {first}")
        self.index = index
        self.first = first


class Unavailable(RaftError):
    """The log does not reach that far."""

    def __init__(self, index: Index, last: Index) -> None:
        super().__init__(f"entry {index} is beyond the log, which ends at {last}")
        self.index = index
        self.last = last


class SnapshotUnavailable(RaftError):
    """There is no snapshot at this moment; the leader asks again later."""


class SnapshotOutdated(RaftError):
    """A snapshot is older than the one there is."""


class OutOfTurn(RaftError):
    """The driver asked for a Ready before it reported the last one, or reported one that it does not owe."""


class LogDamaged(RaftError):
    """This node cannot go on: what its storage or a peer says contradicts what Raft keeps true.

    Never to be retried. The log was lost, cut or written by two owners; remove the node and add it anew.
    """


class TwoLeaders(LogDamaged):
    """Two nodes claim to lead one term."""

    def __init__(self, term: Term, leaders: tuple[NodeId, NodeId]) -> None:
        super().__init__(f"nodes {leaders[0]} and {leaders[1]} both lead term {term}")
        self.term = term
        self.leaders = leaders
