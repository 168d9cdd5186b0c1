"""Reads that are not stale, without writing to the log.

Lives here: ReadIndex on leader and follower, by rounds of heartbeats or by the lease (Raft thesis, section 6.4). Must
not live here: the reading itself, which is the application's.
"""

from __future__ import annotations

from cordwood.raft.config import ReadMode
from cordwood.raft.core import Raft
from cordwood.raft.entries import NOBODY, Index
from cordwood.raft.errors import DropReason, ProposalDropped
from cordwood.raft.messages import NO_TERM, ReadIndex, ReadIndexReply
from cordwood.raft.read_rounds import Read
from cordwood.raft.sending import broadcast_heartbeat
from cordwood.raft.state import ReadState, Role


def ask(raft: Raft, context: bytes) -> None:
    """Asks, for this node, up to where a read must have applied the log. Raises ProposalDropped."""
    if len(context) > raft.config.max_entry_size:
        raise ProposalDropped(DropReason.TOO_LARGE)
    if raft.role is Role.LEADER:
        take(raft, Read(raft.id, context))
    elif raft.leader == NOBODY:
        raise ProposalDropped(DropReason.NO_LEADER)
    else:
        raft.send(ReadIndex(raft.id, raft.leader, NO_TERM, context))


def on_read_index(raft: Raft, message: ReadIndex) -> None:
    """A follower asks its leader."""
    try:
        take(raft, Read(message.sender, message.context))
    except ProposalDropped as error:
        raft.trace(f"{raft.id} dropped a read of {message.sender}: {error}")


def on_read_index_reply(raft: Raft, message: ReadIndexReply) -> None:
    """The leader answers."""
    raft.read_states.append(ReadState(message.index, message.context))


def take(raft: Raft, read: Read) -> None:
    """A leader takes a read in. Raises ProposalDropped when too many wait."""
    if len(raft.early_reads) + raft.rounds.waiting >= raft.config.max_pending_reads:
        raise ProposalDropped(DropReason.TOO_MANY_READS)
    if not raft.committed_in_own_term():
        raft.early_reads.append(read)
        return
    if raft.tracker.configuration.decided_by(raft.id) or holds_lease(raft):
        _answer(raft, read, raft.log.committed)
        return
    raft.rounds.add(raft.log.committed, read)
    if raft.rounds.due:
        broadcast_heartbeat(raft)


def holds_lease(raft: Raft) -> bool:
    """Whether nobody else can have been elected, if clocks are as good as the configuration says."""
    if raft.config.read_mode is not ReadMode.LEASE or raft.lease_given_away:
        return False
    since = raft.rounds.confirmed_tick
    return since is not None and raft.ticks - since <= raft.config.lease_ticks


def release_early(raft: Raft) -> None:
    """The leader has committed an entry of its term: reads that came before go on."""
    early, raft.early_reads = raft.early_reads, []
    for read in early:
        take(raft, read)


def confirm(raft: Raft) -> None:
    """Answers the reads whose round a quorum has answered, and starts the round that others wait for."""
    reached = raft.tracker.quorum_reached(raft.rounds.answered)
    for waiting in raft.rounds.confirm(reached):
        _answer(raft, waiting.read, waiting.commit)
    if raft.rounds.due:
        broadcast_heartbeat(raft)


def _answer(raft: Raft, read: Read, index: Index) -> None:
    if read.origin == raft.id:
        raft.read_states.append(ReadState(index, read.context))
    else:
        raft.send(ReadIndexReply(raft.id, read.origin, raft.term, index, read.context))
