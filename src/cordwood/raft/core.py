"""The state of one node, and how it goes from role to role.

Lives here: `Raft`, the data that all message families work on, with the changes of role and term. Must not live here:
what a message does (roles.py names the handlers), I/O, clocks, dice.

          ┌──────────────────────────── higher term, or a leader ───────────────────────────┐
          ▼                                   in this term                                  │
      FOLLOWER ──timeout──► PRE_CANDIDATE ──would win──► CANDIDATE ──won──► LEADER ─────────┤
          ▲  ▲                    │                          │                 │            │
          │  └───────lost─────────┴───────────lost───────────┘                 │            │
          └──────────────── no quorum heard of, or removed ────────────────────┴────────────┘
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cordwood.raft.config import RaftConfig
from cordwood.raft.configuration import check
from cordwood.raft.entries import NOBODY, Entry, Index, NodeId, Term, payload_size
from cordwood.raft.errors import LogDamaged
from cordwood.raft.messages import Message
from cordwood.raft.outbox import Outbox
from cordwood.raft.raft_log import RaftLog
from cordwood.raft.read_rounds import Read, ReadRounds
from cordwood.raft.state import HardState, ReadState, Role, SoftState
from cordwood.raft.storage import Storage
from cordwood.raft.tracker import Tracker

Below: TypeAlias = Callable[[int], int]
"""Draws a number from 0 up to, and without, the argument."""

Trace: TypeAlias = Callable[[str], None]
"""Is told what is rare and of interest, in words."""


class Raft:
    """One node.

    1. `term` never goes back; `vote` is given once a term.
    2. There is one leader a term.
    3. A leader's log is only added to.
    4. `pending_change` is at or above every change of the configuration in the log that is not applied, on a leader.
    """

    __slots__ = (
        "_below",
        "config",
        "configured_at",
        "early_reads",
        "election_elapsed",
        "heartbeat_elapsed",
        "id",
        "leader",
        "lease_given_away",
        "log",
        "outbox",
        "pending_change",
        "read_states",
        "restarted",
        "role",
        "rounds",
        "term",
        "ticks",
        "timeout",
        "trace",
        "tracker",
        "transferee",
        "uncommitted_size",
        "vote",
    )

    def __init__(self, config: RaftConfig, storage: Storage, below: Below, trace: Trace) -> None:
        hard_state, configuration = storage.initial_state()
        self.config = config
        self.id = config.id
        self.trace = trace
        self._below = below
        self.term: Term = hard_state.term
        self.vote: NodeId = hard_state.vote
        self.role = Role.FOLLOWER
        self.leader: NodeId = NOBODY
        self.transferee: NodeId = NOBODY
        """To whom the leadership is being handed over."""
        self.lease_given_away = False
        """Whether somebody was told to campaign in this term: from then on the lease proves nothing."""
        self.log = RaftLog(storage, config.max_committed_size_per_ready)
        self.tracker = Tracker(config.max_inflight_messages, config.max_inflight_bytes)
        self.outbox = Outbox(config.id)
        self.pending_change: Index = 0
        self.uncommitted_size = 0
        """The data that this leader took in and that is not applied."""
        self.rounds = ReadRounds()
        self.early_reads: list[Read] = []
        """Reads that came before this leader has committed an entry of its term."""
        self.read_states: list[ReadState] = []
        self.ticks = 0
        """Since this node was started."""
        self.restarted = hard_state.term > 0
        """Whether this node may have heard of a leader, and answered it, before it was started."""
        self.election_elapsed = 0
        """Ticks since a leader was heard of, a vote was given, or the quorum was checked."""
        self.heartbeat_elapsed = 0
        self.timeout = 0
        """The election_elapsed at which to campaign, drawn anew each time."""
        self._load(hard_state)
        self.configured_at: Index = self.log.applied
        """The place of the log as of which the configuration is."""
        self.tracker.switch(check(configuration), self.log.last_index())
        self.become_follower(self.term, NOBODY)

    def _load(self, hard_state: HardState) -> None:
        log, applied = self.log, self.config.applied
        known = max(hard_state.commit, applied)
        if known > log.last_index():
            raise LogDamaged(f"entry {known} is committed, and the log ends at {log.last_index()}: the log was lost")
        # The commit index need not be durable, and is found out again. But what is in a snapshot is committed, and so is
        # what was applied.
        log.committed = max(log.committed, known)
        log.applied_to(max(log.applied, applied), 0)

    def hard_state(self) -> HardState:
        """What must be found again after a crash."""
        return HardState(self.term, self.vote, self.log.committed)

    def soft_state(self) -> SoftState:
        """What is of interest now."""
        return SoftState(self.leader, self.role)

    def send(self, message: Message) -> None:
        """Puts a message where the next Ready takes it from."""
        self.outbox.put(message)

    def promotable(self) -> bool:
        """Whether this node can become leader: it is a voter, and no snapshot is about to replace its log."""
        return self.id in self.tracker.configuration.voters and self.log.unstable.snapshot is None

    def _reset(self, term: Term) -> None:
        if self.term != term:
            self.term = term
            self.vote = NOBODY
        self.leader = NOBODY
        self.transferee = NOBODY
        self.lease_given_away = False
        self.election_elapsed = 0
        self.heartbeat_elapsed = 0
        self.timeout = self.config.election_ticks + self._below(self.config.election_ticks)
        self.tracker.reset(self.log.last_index())
        self.pending_change = 0
        self.uncommitted_size = 0
        self.rounds = ReadRounds()
        self.early_reads = []

    def become_follower(self, term: Term, leader: NodeId) -> None:
        """Follows a leader, or nobody yet."""
        self._reset(term)
        self.role = Role.FOLLOWER
        self.leader = leader
        self.trace(f"{self.id} became follower at term {term}")

    def become_pre_candidate(self) -> None:
        """Asks around. Neither term nor vote change, so nobody is disturbed."""
        assert self.role is not Role.LEADER, "a leader needs no election"
        self.tracker.votes = {}
        self.leader = NOBODY
        self.role = Role.PRE_CANDIDATE
        self.trace(f"{self.id} became pre-candidate at term {self.term}")

    def become_candidate(self) -> None:
        """Opens a term and votes for itself."""
        assert self.role is not Role.LEADER, "a leader needs no election"
        self._reset(self.term + 1)
        self.vote = self.id
        self.role = Role.CANDIDATE
        self.trace(f"{self.id} became candidate at term {self.term}")

    def become_leader(self) -> None:
        """Leads the term, and opens it with an entry of its own: only that lets it commit what others left behind."""
        assert self.role is not Role.FOLLOWER, "nobody leads without an election"
        self._reset(self.term)
        self.leader = self.id
        self.role = Role.LEADER
        own = self.tracker.progress[self.id]
        own.become_replicate()
        own.recent = True
        # There may be a change among the entries that are not applied: none is taken in before they are.
        self.pending_change = self.log.last_index()
        self.append([Entry(self.log.last_index() + 1, self.term)])
        self.trace(f"{self.id} became leader at term {self.term}")

    def append(self, entries: list[Entry]) -> None:
        """Adds entries to this leader's own log; it counts for them when they are durable."""
        self.uncommitted_size += payload_size(entries)
        self.outbox.acknowledge_own(self.term, self.log.append(entries))

    def committed_in_own_term(self) -> bool:
        """Whether this leader knows everything that was ever committed before it."""
        return self.log.term_or_zero(self.log.committed) == self.term
