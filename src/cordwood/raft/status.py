"""What a node can tell about itself.

Lives here: `Status`, a copy that does not change any more. Must not live here: how it is shown.
"""

from __future__ import annotations

import msgspec

from cordwood.raft.configuration import Configuration
from cordwood.raft.core import Raft
from cordwood.raft.entries import Index, NodeId, Term
from cordwood.raft.progress import ProgressState
from cordwood.raft.state import Role


class FollowerStatus(msgspec.Struct, frozen=True):
    """A member in the eyes of the leader."""

    match: Index
    next: Index
    state: ProgressState
    recent: bool
    """Whether it was heard of since the last check of the quorum."""
    learner: bool


class Status(msgspec.Struct, frozen=True):
    """A node at one moment."""

    id: NodeId
    term: Term
    vote: NodeId
    role: Role
    leader: NodeId
    transferee: NodeId
    commit: Index
    applied: Index
    last: Index
    configuration: Configuration
    followers: dict[NodeId, FollowerStatus]
    """On a leader, every member with itself; else empty."""


def status_of(raft: Raft) -> Status:
    """A node as it is now."""
    followers = {}
    if raft.role is Role.LEADER:
        followers = {
            node: FollowerStatus(
                progress.match, progress.next, progress.state, progress.recent, raft.tracker.is_learner(node)
            )
            for node, progress in raft.tracker.progress.items()
        }
    return Status(
        id=raft.id,
        term=raft.term,
        vote=raft.vote,
        role=raft.role,
        leader=raft.leader,
        transferee=raft.transferee,
        commit=raft.log.committed,
        applied=raft.log.applied,
        last=raft.log.last_index(),
        configuration=raft.tracker.configuration,
        followers=followers,
    )
