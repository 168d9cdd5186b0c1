"""The face of a node: what happens to it goes in as calls, what it wants done comes out as a Ready.

Lives here: `RaftNode`. Must not live here: decisions. It is for one thread; nothing here waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cordwood.raft import elections, membership, proposals, reads, transfer
from cordwood.raft.changes import ConfChange, encode_change
from cordwood.raft.config import RaftConfig
from cordwood.raft.configuration import Configuration
from cordwood.raft.core import Below, Raft, Trace
from cordwood.raft.entries import Entry, EntryKind, NodeId, Position, payload_size, total_size
from cordwood.raft.errors import LogDamaged, Misaddressed, OutOfTurn, UnknownPeer
from cordwood.raft.messages import AppendReply, HeartbeatReply, Message, PreVoteReply, VoteReply
from cordwood.raft.ready import Ready, StorageAppend, StorageApply, has_ready, make_ready
from cordwood.raft.status import Status, status_of
from cordwood.raft.stepping import step
from cordwood.raft.storage import Storage
from cordwood.raft.ticking import tick

FROM_MEMBERS: Final = (AppendReply, HeartbeatReply, VoteReply, PreVoteReply)
"""Answers that are of use only from a member: a removed one must not disturb the others."""


def _silent(line: str) -> None:
    """Nobody listens."""


class RaftNode:
    """One node of one group.

    `below(n)` draws a number from 0 up to, and without, n: the only chance there is. `trace` is told of what is rare.
    A node that has raised LogDamaged wants nothing done any more: `ready` raises it again.
    """

    def __init__(self, config: RaftConfig, storage: Storage, below: Below, trace: Trace = _silent) -> None:
        self._raft = Raft(config, storage, below, trace)
        self._async = config.async_storage
        self._told_soft = self._raft.soft_state()
        self._told_hard = self._raft.hard_state()
        self._owed: Ready | None = None
        self._damage: LogDamaged | None = None

    def tick(self) -> None:
        """One tick of time has passed."""
        tick(self._raft)

    def step(self, message: Message) -> None:
        """Takes a message of another node. Raises Misaddressed, UnknownPeer, Malformed, LogDamaged."""
        raft = self._raft
        if message.to != raft.id or message.sender == raft.id:
            raise Misaddressed(f"a message from {message.sender} to {message.to} was handed to {raft.id}")
        if isinstance(message, FROM_MEMBERS) and message.sender not in raft.tracker.progress:
            raise UnknownPeer(message.sender)
        try:
            step(raft, message)
        except LogDamaged as damage:
            self._damage = damage
            raise

    def campaign(self) -> None:
        """Starts an election without waiting for the timeout."""
        elections.campaign(self._raft)

    def propose(self, *data: bytes) -> Position | None:
        """Proposes entries; together they cost less than one by one.

        Returns where the last one is in this leader's log (it may still be replaced, if the term changes before it is
        committed), or None when they were handed on to the leader: whether they arrive is not known. Raises
        ProposalDropped.
        """
        return proposals.propose(self._raft, [Entry(0, 0, EntryKind.NORMAL, each) for each in data])

    def propose_conf_change(self, change: ConfChange) -> Position | None:
        """Proposes a change of the configuration; as `propose`. Raises ProposalDropped, InvalidChange."""
        return proposals.propose(self._raft, [Entry(0, 0, EntryKind.CONF_CHANGE, encode_change(change))])

    def apply_conf_change(self, entry: Entry) -> Configuration:
        """Puts a committed change into force, when its entry is applied; returns the configuration from there on.

        An application that declines a change does not call this for it, on any node. Raises InvalidChange.
        """
        return membership.apply_conf_change(self._raft, entry)

    def read_index(self, context: bytes) -> None:
        """Asks up to where a read must have applied the log; a Ready brings a ReadState with this context.

        It does not come when messages are lost or the leader changes: ask again after a while. Raises ProposalDropped.
        """
        reads.ask(self._raft, context)

    def transfer_leadership(self, target: NodeId) -> None:
        """Asks the leader to hand over to `target`; gives up after election_ticks."""
        transfer.request(self._raft, target)

    def forget_leader(self) -> None:
        """Tells a follower that its leader is gone."""
        elections.forget_leader(self._raft)

    def report_unreachable(self, node: NodeId) -> None:
        """A message to this node was dropped on the way out."""
        progress = self._raft.tracker.progress.get(node)
        if progress:
            progress.unreachable()

    def report_snapshot(self, node: NodeId, *, arrived: bool) -> None:
        """How sending a snapshot to this node ended."""
        progress = self._raft.tracker.progress.get(node)
        if progress:
            progress.snapshot_ended(arrived=arrived)

    def has_ready(self) -> bool:
        """Whether a Ready would want anything done."""
        return has_ready(self._raft, self._told_soft, self._told_hard, asynchronous=self._async)

    def ready(self) -> Ready:
        """What is to be done. Raises OutOfTurn while another Ready is owed (without asynchronous storage), LogDamaged."""
        if self._damage:
            raise self._damage
        if self._owed:
            raise OutOfTurn("report the last Ready with advance() before asking for the next one")
        raft = self._raft
        ready = make_ready(raft, self._told_soft, self._told_hard, asynchronous=self._async)
        self._told_soft = raft.soft_state()
        self._told_hard = raft.hard_state()
        raft.outbox.clear()
        raft.read_states = []
        raft.log.unstable.hand_out()
        if ready.apply:
            raft.log.hand_out_to_apply(ready.apply.entries, unstable=not self._async)
        if not self._async:
            self._owed = ready
        return ready

    def advance(self, ready: Ready) -> None:
        """Everything of this Ready is done. Raises OutOfTurn with asynchronous storage, or for another Ready."""
        if ready is not self._owed:
            raise OutOfTurn("advance() reports the last Ready, and there is none with asynchronous storage")
        self._owed = None
        if ready.append:
            self.appended(ready.append)
        if ready.apply:
            self.applied(ready.apply)

    def appended(self, append: StorageAppend) -> None:
        """This job and all before it are durable, and storage shows them."""
        raft = self._raft
        for ack in append.acks:
            step(raft, ack)
        # In a later term, entries of this job may be about to be replaced by a job under way: storage does not have
        # them for good. Every job of the later term tells again where the log ends, so nothing stays behind.
        if append.last and append.term == raft.term:
            raft.log.unstable.stable_to(append.last)
        if append.snapshot:
            # Committed in whatever term.
            raft.log.unstable.snapshot_stable(append.snapshot.index)
            self._applied_to(append.snapshot.index, ())

    def applied(self, apply: StorageApply) -> None:
        """The state machine has these entries, and those before."""
        self._applied_to(apply.entries[-1].index, apply.entries)

    def _applied_to(self, index: int, entries: Sequence[Entry]) -> None:
        raft = self._raft
        raft.log.applied_to(max(index, raft.log.applied), total_size(entries))
        raft.uncommitted_size = max(0, raft.uncommitted_size - payload_size(entries))
        membership.leave_if_due(raft)

    def status(self) -> Status:
        """How things stand."""
        return status_of(self._raft)
