"""The configuration in force, what is known of each member, and the votes of an election.

Lives here: `Tracker`, which asks quorum.py the questions of a leader and of a candidate. Must not live here: what
follows from the answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from cordwood.raft import quorum
from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Index, NodeId
from cordwood.raft.inflights import Inflights
from cordwood.raft.progress import Progress
from cordwood.raft.quorum import VoteResult


class Tracker:
    """Everything that is known about the members. `progress` has exactly the members of `configuration`."""

    __slots__ = ("configuration", "max_inflight_bytes", "max_inflight_messages", "progress", "votes")

    def __init__(self, max_inflight_messages: int, max_inflight_bytes: int) -> None:
        self.max_inflight_messages = max_inflight_messages
        self.max_inflight_bytes = max_inflight_bytes
        self.configuration = Configuration()
        self.progress: dict[NodeId, Progress] = {}
        self.votes: dict[NodeId, bool] = {}

    def switch(self, configuration: Configuration, last: Index) -> None:
        """Takes a configuration over: who stays keeps its progress, who is new starts at the end of the log.

        A new member counts as heard of, else the next check of the quorum could depose the leader that added it.
        """
        self.configuration = configuration
        known = self.progress
        self.progress = {
            node: known[node] if node in known else self._fresh(max(last, 1), recent=True)
            for node in sorted(configuration.members)
        }

    def reset(self, last: Index) -> None:
        """Starts a new term: nothing is known of anybody."""
        self.votes = {}
        self.progress = {node: self._fresh(last + 1, recent=False) for node in self.progress}

    def _fresh(self, following: Index, *, recent: bool) -> Progress:
        return Progress(following, Inflights(self.max_inflight_messages, self.max_inflight_bytes), recent=recent)

    def is_learner(self, node: NodeId) -> bool:
        """Whether a node is a member without a vote."""
        return node in self.configuration.learners

    def others(self, than: NodeId) -> Iterator[tuple[NodeId, Progress]]:
        """Every other member, in the order of ids."""
        return ((node, progress) for node, progress in self.progress.items() if node != than)

    def committed(self) -> Index:
        """The highest index that is durable on a quorum."""
        acked = {node: progress.match for node, progress in self.progress.items()}
        return self.quorum_reached(acked)

    def quorum_reached(self, acked: dict[NodeId, int]) -> int:
        """The highest number that a quorum has reached: of log indexes, or of anything else that only grows."""
        return quorum.joint_committed(self.configuration.incoming, self.configuration.outgoing, acked)

    def quorum_active(self) -> bool:
        """Whether a quorum was heard of since the last check."""
        active = {node: progress.recent for node, progress in self.progress.items()}
        return self._result(active) is VoteResult.WON

    def record_vote(self, voter: NodeId, *, granted: bool) -> None:
        """Notes a vote; the first one of a voter counts."""
        self.votes.setdefault(voter, granted)

    def vote_result(self) -> VoteResult:
        """How the election stands."""
        return self._result(self.votes)

    def _result(self, votes: dict[NodeId, bool]) -> VoteResult:
        return quorum.joint_vote(self.configuration.incoming, self.configuration.outgoing, votes)
