"""Each guard is needed: without it, the histories of test_safety.py find a violation.

A guard is taken out by replacing the function that holds it, and histories are tried of the mood in which it matters.
For those that are rarely needed, `first` is close below a seed that is known to show it; from there on, `WITHIN`
histories are tried. docs/design/raft.md has the table.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from cordwood.raft import (
    Position,
    RaftConfig,
    RaftNode,
    Role,
    core,
    elections,
    outbox,
    proposals,
    quorum,
    raft_log,
    reads,
    replication,
    snapshots,
    stepping,
)
from cordwood.raft.errors import RaftError
from cordwood.raft.messages import Append, AppendReply, PreVoteReply, Vote, VoteReply
from cordwood.raft.stepping import step
from tests.raft.cluster import lot, normal, raft, storage_of, write
from tests.raft.world import World

WITHIN = 60
EVENTS = 1500


class Guard(NamedTuple):
    """A guard, and how to take it out."""

    mood: str
    first: int
    holders: list[tuple[Any, str]]
    without: Any


def promises(*kinds):
    return lambda message: isinstance(message, kinds)


def accept_with_gaps(log, position):
    """Takes an entry that is not here for one that matches."""
    return log.term_or_zero(position.index) in (0, position.term)


def incoming_alone(incoming, outgoing, said):
    """Asks only the voters to be."""
    votes = any(isinstance(each, bool) for each in said.values())
    return (quorum.majority_vote if votes else quorum.majority_committed)(incoming, said)


def lease_kept(raft):
    since = raft.rounds.confirmed_tick
    return since is not None and raft.ticks - since <= raft.config.lease_ticks


PROMISE = [(outbox, "is_promise")]
JOINT = [(quorum, "joint_committed"), (quorum, "joint_vote")]
IN_LEASE = [(stepping, "in_lease"), (elections, "in_lease")]

GUARDS = {
    "a vote is durable before it is told": Guard("churn", 60, PROMISE, promises(AppendReply, PreVoteReply, Vote)),
    "an entry is durable before it is acknowledged": Guard(
        "mixed", 0, PROMISE, promises(VoteReply, PreVoteReply, Vote)
    ),
    "voters compare logs": Guard("churn", 0, [(raft_log.RaftLog, "is_up_to_date")], lambda log, other: True),
    "a leader commits for entries of its own term": Guard(
        "churn", 110, [(replication, "may_commit")], lambda raft, index: True
    ),
    "both majorities of a joint configuration decide": Guard("changes", 0, JOINT, incoming_alone),
    "entries follow the log without a gap": Guard("mixed", 0, [(raft_log.RaftLog, "matches")], accept_with_gaps),
    "an old snapshot takes nothing back": Guard("snapshots", 0, [(snapshots, "is_ahead")], lambda raft, snapshot: True),
    "changes come one after the other": Guard("changes", 0, [(proposals, "_check_changes")], lambda raft, drafts: None),
    "a new leader reads when it knows what is committed": Guard(
        "leases", 0, [(core.Raft, "committed_in_own_term")], lambda raft: True
    ),
    "a lease keeps others from voting": Guard("leases", 60, IN_LEASE, lambda raft: False),
    "a lease is shorter than the patience of followers": Guard(
        "isolation", 0, [(RaftConfig, "lease_ticks")], property(lambda config: 3 * config.election_ticks)
    ),
    "a lease is given away with the leadership": Guard("leases", 0, [(reads, "holds_lease")], lease_kept),
}


def first_violation(guard, seeds):
    """The first seed whose history goes wrong, and how."""
    for seed in seeds:
        world = World(seed, guard.mood)
        try:
            world.run(EVENTS)
        except (AssertionError, RaftError) as violation:
            return seed, violation
    return None


@pytest.mark.parametrize("name", GUARDS)
def test_without_a_guard_a_promise_is_broken(name, monkeypatch):
    guard = GUARDS[name]
    for place, function in guard.holders:
        monkeypatch.setattr(place, function, guard.without)
    found = first_violation(guard, range(guard.first, guard.first + WITHIN))
    assert found, f"{WITHIN} histories from seed {guard.first} on went well without the guard: {name}"
    print(f"{name}: seed {found[0]}: {found[1]}")


def lost_log_election():
    """Whether node 3 is elected by a vote that it got for an entry which it lost; the entry was committed by 1 and 2."""
    committed = normal(2, 2)
    storage = storage_of()
    candidate = RaftNode(RaftConfig(3, async_storage=True, pre_vote=False), storage, lot)
    candidate.step(Append(1, 3, 2, Position(1, 1), (committed,), 1))
    candidate.ready()  # The entry is on its way to the disk, and never gets there.
    candidate.campaign()
    requests = [message for message in candidate.ready().messages if isinstance(message, Vote) and message.to == 2]
    voter = raft(2, storage_of(2), check_quorum=False)
    for request in requests:
        step(voter, request)
    restarted = RaftNode(RaftConfig(3, async_storage=True, pre_vote=False), storage, lot)
    for _ in range(2):
        restarted.campaign()
        job = restarted.ready().append
        write(storage, job)
        restarted.appended(job)
    for reply in voter.outbox.replies:
        restarted.step(reply)
    return restarted.status().role is Role.LEADER


def test_a_late_vote_for_a_log_that_was_lost(monkeypatch):
    assert not lost_log_election()
    monkeypatch.setattr(outbox, "is_promise", promises(AppendReply, PreVoteReply, VoteReply))
    assert lost_log_election()
