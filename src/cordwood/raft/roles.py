"""Which message does what in which role.

Lives here: the table of handlers, and the messages by which any role but a leader bows to a leader. A message that is
missing from a role's table does nothing there. Must not live here: what the handlers do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from cordwood.raft import elections, proposals, reads, replication, snapshots, transfer
from cordwood.raft.core import Raft
from cordwood.raft.errors import TwoLeaders
from cordwood.raft.messages import (
    Append,
    AppendReply,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    Message,
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
from cordwood.raft.state import Role

Handler: TypeAlias = Callable[[Raft, Any], None]
"""What a message does to a node. Its term is the node's by then, but for pre-votes and messages without a term."""

Table: TypeAlias = Mapping[type[Message], Handler]


def _follows(handler: Handler) -> Handler:
    """What a leader's message does to a follower: it has a leader, and need not campaign."""

    def follow(raft: Raft, message: Message) -> None:
        raft.election_elapsed = 0
        raft.leader = message.sender
        handler(raft, message)

    return follow


def _bows(handler: Handler) -> Handler:
    """What a leader's message does to a candidate of the same term: it has lost."""

    def bow(raft: Raft, message: Message) -> None:
        raft.become_follower(message.term, message.sender)
        handler(raft, message)

    return bow


def _two_leaders(raft: Raft, message: Message) -> None:
    raise TwoLeaders(raft.term, (raft.id, message.sender))


EVERYBODY: Final[Table] = {
    Vote: elections.on_vote,
    PreVote: elections.on_pre_vote,
}

FOLLOWER: Final[Table] = {
    **EVERYBODY,
    Append: _follows(replication.on_append),
    Heartbeat: _follows(replication.on_heartbeat),
    InstallSnapshot: _follows(snapshots.on_install_snapshot),
    TimeoutNow: elections.on_timeout_now,
    ReadIndexReply: reads.on_read_index_reply,
}

PRE_CANDIDATE: Final[Table] = {
    **EVERYBODY,
    Append: _bows(replication.on_append),
    Heartbeat: _bows(replication.on_heartbeat),
    InstallSnapshot: _bows(snapshots.on_install_snapshot),
    PreVoteReply: elections.on_pre_vote_reply,
}

CANDIDATE: Final[Table] = {
    **EVERYBODY,
    Append: _bows(replication.on_append),
    Heartbeat: _bows(replication.on_heartbeat),
    InstallSnapshot: _bows(snapshots.on_install_snapshot),
    VoteReply: elections.on_vote_reply,
}

LEADER: Final[Table] = {
    **EVERYBODY,
    Append: _two_leaders,
    Heartbeat: _two_leaders,
    InstallSnapshot: _two_leaders,
    AppendReply: replication.on_append_reply,
    HeartbeatReply: replication.on_heartbeat_reply,
    Propose: proposals.on_propose,
    ReadIndex: reads.on_read_index,
    TransferLeader: transfer.on_transfer_leader,
}

HANDLERS: Final[Mapping[Role, Table]] = {
    Role.FOLLOWER: FOLLOWER,
    Role.PRE_CANDIDATE: PRE_CANDIDATE,
    Role.CANDIDATE: CANDIDATE,
    Role.LEADER: LEADER,
}
