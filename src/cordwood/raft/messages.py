"""What nodes say to each other.

Lives here: one class for each message, ready for msgspec (tagged by name, fields in order). Must not live here: when
one is sent, and what it does where it arrives (roles.py says who handles it).

Every message tells its sender's term, but for those that an outsider might as well have sent: they carry term 0 and
move nobody's term. A message may be lost, doubled, late and out of order.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from cordwood.raft.entries import Entry, Index, NodeId, Position, Term
from cordwood.raft.state import Snapshot

NO_TERM: Final[Term] = 0
"""The term of messages that have none."""


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """What all messages have."""

    sender: NodeId
    to: NodeId
    term: Term


class Vote(Message, frozen=True, tag=True):
    """A candidate asks for a vote. Its term, its own vote and its log are durable by then."""

    last: Position
    """Where the candidate's log ends."""
    committed: Position
    """The last entry that the sender knows to be committed: whoever has it, too, knows it from here on."""
    transfer: bool = False
    """The leader itself wants this election: no lease stands against it."""


class VoteReply(Message, frozen=True, tag=True):
    """A vote. Given, it is durable."""

    granted: bool
    committed: Position


class PreVote(Message, frozen=True, tag=True):
    """Asks whether the vote for `term`, one above the sender's own, would be given."""

    last: Position
    committed: Position


class PreVoteReply(Message, frozen=True, tag=True):
    """Granted: tells the term that was asked for. Not granted: tells the voter's own."""

    granted: bool
    committed: Position


class Append(Message, frozen=True, tag=True):
    """The leader sends entries; without any, it asks whether the logs agree."""

    previous: Position
    """The entry before the first one."""
    entries: tuple[Entry, ...]
    commit: Index


class AppendReply(Message, frozen=True, tag=True):
    """Accepted: the sender's log is durable and equal to the leader's up to `index`.

    Rejected: the sender has no entry such as `previous` at `index`.
    """

    index: Index
    rejected: bool = False
    hint: Position = Position(0, 0)
    """With a rejection: the highest place at which the logs may agree, as far as the sender can tell."""


class Heartbeat(Message, frozen=True, tag=True):
    """The leader is there."""

    commit: Index
    """Never above what the receiver is known to have."""
    round: int
    """Which round of heartbeats of this term: reads and the lease rest on its answers."""


class HeartbeatReply(Message, frozen=True, tag=True):
    """The sender has no later leader."""

    round: int


class InstallSnapshot(Message, frozen=True, tag=True):
    """The entries that the receiver needs are gone: it takes this snapshot instead."""

    snapshot: Snapshot


class TimeoutNow(Message, frozen=True, tag=True):
    """The leader hands over: the receiver is to campaign at once."""


class Propose(Message, frozen=True, tag=True):
    """A follower hands proposals on to the leader. Index and term of the entries say nothing yet. No term."""

    entries: tuple[Entry, ...]


class ReadIndex(Message, frozen=True, tag=True):
    """A follower asks the leader up to where a read must have applied the log. No term."""

    context: bytes


class ReadIndexReply(Message, frozen=True, tag=True):
    """Up to where."""

    index: Index
    context: bytes


class TransferLeader(Message, frozen=True, tag=True):
    """A follower asks the leader to hand the leadership over to `target`."""

    target: NodeId


PeerMessage: TypeAlias = (
    Vote
    | VoteReply
    | PreVote
    | PreVoteReply
    | Append
    | AppendReply
    | Heartbeat
    | HeartbeatReply
    | InstallSnapshot
    | TimeoutNow
    | Propose
    | ReadIndex
    | ReadIndexReply
    | TransferLeader
)
"""Everything that can arrive: `msgspec.msgpack.Decoder(PeerMessage)` reads it."""
