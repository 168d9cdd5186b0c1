"""Guards of Raft and of its shell that can be taken out, one at a time: each breaks a promise that the simulator sees.

The table of who found what is in docs/SIMULATION.md; test_mutants.py makes it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from cordwood.consensus.storage import GroupStorage
from cordwood.consensus.writing import Writing
from cordwood.raft import elections, quorum, replication, stepping
from cordwood.raft.messages import AppendReply, Message, VoteReply
from cordwood.raft.raft_log import RaftLog
from cordwood.raft.ready import StorageAppend

TakeOut: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def _tell_at_once(patch: pytest.MonkeyPatch, kind: type[Message]) -> None:
    """Messages of a kind leave when their job is written, and not when it is durable."""
    put = Writing.put

    def put_and_tell(self: Writing, job: StorageAppend) -> None:
        put(self, job)
        driver: Any = self._report.__self__  # type: ignore[attr-defined]
        for message in job.replies:
            if isinstance(message, kind):
                driver._send(message)

    patch.setattr(Writing, "put", put_and_tell)


def votes_are_not_awaited(patch: pytest.MonkeyPatch) -> None:
    _tell_at_once(patch, VoteReply)


def acknowledgements_are_not_awaited(patch: pytest.MonkeyPatch) -> None:
    _tell_at_once(patch, AppendReply)


def logs_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RaftLog, "is_up_to_date", lambda self, last: True)


def earlier_terms_are_committed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replication, "may_commit", lambda raft, index: True)


def one_configuration_decides(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        quorum, "joint_committed", lambda incoming, outgoing, acked: quorum.majority_committed(incoming, acked)
    )
    patch.setattr(quorum, "joint_vote", lambda incoming, outgoing, votes: quorum.majority_vote(incoming, votes))


def leases_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(elections, "in_lease", lambda raft: False)
    patch.setattr(stepping, "in_lease", lambda raft: False)


def gaps_are_not_closed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GroupStorage, "_has", lambda self, position: True)


MUTANTS: Mapping[str, TakeOut] = {
    "a vote is durable before it is told": votes_are_not_awaited,
    "a candidate's log is up to date": logs_are_not_compared,
    "a leader commits only with entries of its own term": earlier_terms_are_committed,
    "both configurations have a quorum": one_configuration_decides,
    "who hears of a leader answers no pre-vote": leases_are_not_kept,
    "an append is durable before it is acknowledged": acknowledgements_are_not_awaited,
    "a log that does not reach its snapshot is replaced": gaps_are_not_closed,
}
