"""Term and vote never go back, and are durable before anybody is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.raft import NOBODY
from cordwood.raft.messages import AppendReply, Vote, VoteReply
from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Message, NodeId, Term
    from cordwood.sim.quorum.sight import Log, Sight


class TermAndVote(Invariant):
    """Remembers what each node told."""

    def __init__(self) -> None:
        self._terms: dict[NodeId, Term] = {}
        self._votes: dict[NodeId, tuple[Term, NodeId]] = {}

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        if sight.term < before.term:
            raise Broken(f"terms never go back: {sight.node} went from {before.term} to {sight.term}")
        if sight.term == before.term and before.vote not in {NOBODY, sight.vote}:
            raise Broken(f"one vote a term: {sight.node} voted for {before.vote} and {sight.vote} in {sight.term}")

    def tells(self, message: Message, sight: Sight, log: Log) -> None:
        node, term = message.sender, message.term
        if isinstance(message, VoteReply | Vote | AppendReply):
            self._terms[node] = max(self._terms.get(node, 0), term)
        if isinstance(message, Vote) or (isinstance(message, VoteReply) and message.granted):
            candidate = node if isinstance(message, Vote) else message.to
            told = self._votes.get(node, (0, NOBODY))
            if told[0] == term and told[1] != candidate:
                raise Broken(f"one vote a term: {node} tells of votes for {told[1]} and {candidate} in {term}")
            self._votes[node] = max(told, (term, candidate))

    def begins(self, sight: Sight, log: Log) -> None:
        self._compare(sight, "starts with")

    def survives(self, sight: Sight, log: Log) -> None:
        self._compare(sight, "has on its disk")

    def _compare(self, sight: Sight, verb: str) -> None:
        node = sight.node
        told = self._terms.get(node, 0)
        if sight.term < told:
            raise Broken(f"terms are durable before they are told: {node} told of {told}, and {verb} {sight.term}")
        term, candidate = self._votes.get(node, (0, NOBODY))
        if sight.term == term and sight.vote != candidate:
            raise Broken(
                f"votes are durable before they are told: {node} voted for {candidate} in {term}, "
                f"and {verb} a vote for {sight.vote}"
            )
