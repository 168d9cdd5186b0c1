"""What every message does before its handler: the term is compared.

Lives here: `step` and the rules of higher and lower terms. Must not live here: what messages do within a term
(roles.py).
"""

from __future__ import annotations

from typing import Final

from cordwood.raft.core import Raft
from cordwood.raft.elections import in_lease
from cordwood.raft.entries import NOBODY
from cordwood.raft.messages import (
    NO_TERM,
    Append,
    AppendReply,
    Heartbeat,
    InstallSnapshot,
    Message,
    PreVote,
    PreVoteReply,
    Vote,
)
from cordwood.raft.roles import HANDLERS

FROM_LEADERS: Final = (Append, Heartbeat, InstallSnapshot)
"""Messages that only the leader of their term sends."""


def step(raft: Raft, message: Message) -> None:
    """Handles a message: of another node, or one that this node sent to itself. Raises Malformed, LogDamaged."""
    if message.term > raft.term:
        if not _enter_higher_term(raft, message):
            return
    elif message.term < raft.term and message.term != NO_TERM:
        _answer_lower_term(raft, message)
        return
    handler = HANDLERS[raft.role].get(type(message))
    if handler:
        handler(raft, message)


def _enter_higher_term(raft: Raft, message: Message) -> bool:
    """Goes to the message's term, if it is one to go to; False if the message is to be ignored."""
    match message:
        case Vote(transfer=False) | PreVote() if in_lease(raft):
            raft.trace(f"{raft.id} ignores {type(message).__name__} of {message.sender}: it heard of a leader lately")
            return False
        case PreVote() | PreVoteReply(granted=True):
            # The term is one that the asker would open, not one that is open.
            return True
        case _:
            leader = message.sender if isinstance(message, FROM_LEADERS) else NOBODY
            raft.become_follower(message.term, leader)
            return True


def _answer_lower_term(raft: Raft, message: Message) -> None:
    """Tells an old leader or an old pre-candidate which term it is, when it could not find out by itself."""
    careful = raft.config.check_quorum or raft.config.pre_vote
    if isinstance(message, (Append, Heartbeat)) and careful:
        # Requests for votes from here are ignored while others hear of their leader. Only this answer can depose that
        # leader, whose term is lower, so that this node becomes part of the cluster again.
        raft.send(AppendReply(raft.id, message.sender, raft.term, 0))
    elif isinstance(message, PreVote):
        raft.send(PreVoteReply(raft.id, message.sender, raft.term, granted=False, committed=raft.log.last_committed()))
