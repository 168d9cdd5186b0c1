"""Who leads: campaigns, votes, and the leases that keep a good leader.

Lives here: campaigning and voting, with pre-votes and check-quorum (Raft thesis, sections 3.4, 9.6 and 6.2). Must not
live here: what a leader does.
"""

from __future__ import annotations

import enum

from cordwood.raft.config import ReadMode
from cordwood.raft.core import Raft
from cordwood.raft.entries import NOBODY, Position
from cordwood.raft.membership import has_unapplied_change
from cordwood.raft.messages import PreVote, PreVoteReply, TimeoutNow, Vote, VoteReply
from cordwood.raft.quorum import VoteResult
from cordwood.raft.sending import broadcast_append
from cordwood.raft.state import Role


class Campaign(enum.Enum):
    """Why a node campaigns."""

    TIMEOUT = "timeout"
    TRANSFER = "transfer"
    """The leader wants it: without asking around first, and against all leases."""


def campaign(raft: Raft, why: Campaign = Campaign.TIMEOUT) -> None:
    """Starts an election, if this node may win one."""
    if raft.role is Role.LEADER:
        return
    if not raft.promotable():
        raft.trace(f"{raft.id} cannot campaign: it is no voter, or waits for a snapshot")
        return
    if has_unapplied_change(raft):
        raft.trace(f"{raft.id} cannot campaign: a committed change of the configuration is not applied")
        return
    if why is Campaign.TIMEOUT and raft.config.read_mode is ReadMode.LEASE and in_lease(raft):
        raft.trace(f"{raft.id} does not campaign: the leader's lease, which it granted, has not run out")
        return
    if why is Campaign.TIMEOUT and raft.config.pre_vote:
        _ask_around(raft)
    else:
        _elect(raft, transfer=why is Campaign.TRANSFER)


def _ask_around(raft: Raft) -> None:
    raft.become_pre_candidate()
    last, committed = raft.log.last(), raft.log.last_committed()
    for voter in sorted(raft.tracker.configuration.voters):
        if voter == raft.id:
            raft.send(PreVoteReply(raft.id, raft.id, raft.term + 1, granted=True, committed=committed))
        else:
            raft.send(PreVote(raft.id, voter, raft.term + 1, last, committed))


def _elect(raft: Raft, *, transfer: bool) -> None:
    raft.become_candidate()
    last, committed = raft.log.last(), raft.log.last_committed()
    for voter in sorted(raft.tracker.configuration.voters):
        if voter == raft.id:
            # Its own vote counts when it is durable, like any other.
            raft.send(VoteReply(raft.id, raft.id, raft.term, granted=True, committed=committed))
        else:
            raft.send(Vote(raft.id, voter, raft.term, last, committed, transfer))


def in_lease(raft: Raft) -> bool:
    """Whether a leader was heard of so lately that nobody should be elected against it."""
    if not raft.config.check_quorum:
        return False
    if raft.leader != NOBODY and raft.election_elapsed < raft.config.election_ticks:
        return True
    # Before a restart, this node may have granted a lease that others still read by.
    lease_mode = raft.config.read_mode is ReadMode.LEASE
    return lease_mode and raft.restarted and raft.ticks < raft.config.election_ticks


def on_vote(raft: Raft, message: Vote) -> None:
    """Votes, once a term, for a candidate whose log has all that may be committed."""
    learn_commit(raft, message.committed)
    may = raft.vote == message.sender or (raft.vote == NOBODY and raft.leader == NOBODY)
    granted = may and raft.log.is_up_to_date(message.last)
    if granted:
        raft.election_elapsed = 0
        raft.vote = message.sender
    raft.trace(f"{raft.id} {_says(granted)} {message.sender} at term {raft.term}")
    raft.send(VoteReply(raft.id, message.sender, raft.term, granted, raft.log.last_committed()))


def on_pre_vote(raft: Raft, message: PreVote) -> None:
    """Says whether it would vote for the sender in the term that the sender would open. Nothing changes by it."""
    learn_commit(raft, message.committed)
    may = message.term > raft.term or raft.vote == message.sender or (raft.vote == NOBODY and raft.leader == NOBODY)
    granted = may and raft.log.is_up_to_date(message.last)
    raft.trace(f"{raft.id} {_says(granted)} {message.sender} for term {message.term} (pre-vote)")
    # With this node's own term the asker would take the answer for an old one, if this node is behind.
    term = message.term if granted else raft.term
    raft.send(PreVoteReply(raft.id, message.sender, term, granted, raft.log.last_committed()))


def _says(granted: bool) -> str:
    return "votes for" if granted else "rejects"


def learn_commit(raft: Raft, committed: Position) -> None:
    """Takes over that an entry is committed, if this log has it: then it has all before it, too.

    A leader that was removed tells nobody any more what it committed last. Those that stay may need its vote until they
    know that it has none (as TiKV's raft).
    """
    if raft.role is Role.LEADER or not raft.log.matches(committed):
        return
    raft.log.commit_to(committed.index)
    if raft.role is not Role.FOLLOWER and has_unapplied_change(raft):
        raft.trace(f"{raft.id} ends its campaign: it has a change of the configuration to apply")
        raft.become_follower(raft.term, NOBODY)


def on_pre_vote_reply(raft: Raft, message: PreVoteReply) -> None:
    """A pre-candidate counts."""
    learn_commit(raft, message.committed)
    if raft.role is not Role.PRE_CANDIDATE:
        return
    raft.tracker.record_vote(message.sender, granted=message.granted)
    match raft.tracker.vote_result():
        case VoteResult.WON:
            _elect(raft, transfer=False)
        case VoteResult.LOST:
            raft.become_follower(raft.term, NOBODY)
        case VoteResult.PENDING:
            pass


def on_vote_reply(raft: Raft, message: VoteReply) -> None:
    """A candidate counts."""
    learn_commit(raft, message.committed)
    if raft.role is not Role.CANDIDATE:
        return
    raft.tracker.record_vote(message.sender, granted=message.granted)
    match raft.tracker.vote_result():
        case VoteResult.WON:
            raft.become_leader()
            broadcast_append(raft)
        case VoteResult.LOST:
            raft.become_follower(raft.term, NOBODY)
        case VoteResult.PENDING:
            pass


def on_timeout_now(raft: Raft, message: TimeoutNow) -> None:
    """The leader hands over to this node."""
    raft.trace(f"{raft.id} was told by {message.sender} to campaign")
    campaign(raft, Campaign.TRANSFER)


def forget_leader(raft: Raft) -> None:
    """A follower that knows its leader to be gone votes for another from now on, and need not wait for a timeout.

    Not where reads go by lease: forgetting would break the lease.
    """
    if raft.role is not Role.FOLLOWER or raft.leader == NOBODY:
        return
    if raft.config.read_mode is ReadMode.LEASE:
        raft.trace(f"{raft.id} does not forget its leader: reads go by lease")
        return
    raft.trace(f"{raft.id} forgets leader {raft.leader} at term {raft.term}")
    raft.leader = NOBODY
