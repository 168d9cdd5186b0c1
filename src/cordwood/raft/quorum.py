"""The arithmetic of majorities, of one set of voters and of two at once.

Lives here: how far a majority has come, and how a vote stands. Pure functions; tests/raft/test_quorum.py has the
obviously right slow ones beside them. Must not live here: who the voters are and what they said.

A joint configuration has two sets of voters, and decides only what both decide (Raft thesis, section 4.3). The second
set is empty most of the time, and an empty set agrees with everything.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from cordwood.raft.entries import Index, NodeId

EVERYTHING: Final[Index] = 2**63 - 1
"""How far an empty set of voters has come: no bound of its own."""


class VoteResult(enum.Enum):
    """How an election stands."""

    PENDING = "pending"
    """Votes that are still missing can decide either way."""
    LOST = "lost"
    WON = "won"


def majority(count: int) -> int:
    """How many of so many voters it takes."""
    return count // 2 + 1


def majority_committed(voters: frozenset[NodeId], acked: Mapping[NodeId, Index]) -> Index:
    """The highest index that a majority has acknowledged; who has not spoken has acknowledged 0."""
    if not voters:
        return EVERYTHING
    reached = sorted([acked.get(voter, 0) for voter in voters])
    return reached[len(reached) - majority(len(reached))]


def majority_vote(voters: frozenset[NodeId], votes: Mapping[NodeId, bool]) -> VoteResult:
    """How a vote among these voters stands; votes of others do not count."""
    if not voters:
        return VoteResult.WON
    granted = sum([votes.get(voter) is True for voter in voters])
    missing = sum([voter not in votes for voter in voters])
    needed = majority(len(voters))
    if granted >= needed:
        return VoteResult.WON
    return VoteResult.PENDING if granted + missing >= needed else VoteResult.LOST


def joint_committed(incoming: frozenset[NodeId], outgoing: frozenset[NodeId], acked: Mapping[NodeId, Index]) -> Index:
    """The highest index that a majority of each set has acknowledged."""
    if not outgoing:
        return majority_committed(incoming, acked)
    return min(majority_committed(incoming, acked), majority_committed(outgoing, acked))


def joint_vote(incoming: frozenset[NodeId], outgoing: frozenset[NodeId], votes: Mapping[NodeId, bool]) -> VoteResult:
    """Won when won in both sets, lost when lost in either."""
    results = {majority_vote(incoming, votes), majority_vote(outgoing, votes)}
    if VoteResult.LOST in results:
        return VoteResult.LOST
    return VoteResult.PENDING if VoteResult.PENDING in results else VoteResult.WON
