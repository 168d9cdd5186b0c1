"""The driver: one for each group on a node. It does what Raft wants done, in the order that Raft asks for.

      propose ─┐                       ┌─> messages, at once ────────────────────────────────> transport
      read ────┼─> [requests] ─> turn ─┤
      receive ─┘                  ▲    ├─> append: raft log ─> one fdatasync for all ─> replies ─> transport
      tick                        │    │                              │ reported
                                  └────┼──────────────────────────────┘
                                       └─> apply: state machine ─> futures of the proposals ─> snapshot, now and then

Lives here: `Driver`. Must not live here: decisions (cordwood.raft), bytes on disk (storage.py, snapshots.py), the way
to the peers (transport.py).

1. Votes and acknowledgements leave after the fdatasync that covers what they promise; everything else leaves at once.
2. One flush is under way at a time. What comes meanwhile is written in one piece, and synced once, when it is back.
3. A proposal is answered when this node has applied it. It fails when nobody took it in (NotTaken), or when the leader
   changes or time runs out before (OutcomeUnknown: it may still take effect).
4. An error of the disk, of the log or of the state machine ends the node: nothing is sent any more.

All methods belong to the event loop's thread. Nothing here waits: syncs, snapshots and their pieces are done beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cordwood.consensus.applying import TAG_BYTES, Applier, StateMachine
from cordwood.consensus.incoming import Incoming
from cordwood.consensus.outgoing import Outgoing
from cordwood.consensus.requests import Requests
from cordwood.consensus.snapshotting import Snapshotting
from cordwood.consensus.wire import GroupMessage, SnapshotChunk, SnapshotChunkReply
from cordwood.consensus.writing import Writing
from cordwood.model.consensus_errors import GroupStopped
from cordwood.model.errors import InvalidRequest
from cordwood.raft import (
    NOBODY,
    ConfChange,
    Configuration,
    Index,
    Message,
    NodeId,
    RaftNode,
    Ready,
    Role,
    Snapshot,
    Status,
    StorageAppend,
    StorageApply,
    Term,
)
from cordwood.raft.entries import ENTRY_OVERHEAD
from cordwood.raft.errors import Malformed, Misaddressed, UnknownPeer
from cordwood.raft.messages import InstallSnapshot

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.storage import GroupStorage
    from cordwood.consensus.transport import Transport
    from cordwood.env.background import Background
    from cordwood.env.dice import Dice

T = TypeVar("T")


def _to_nobody(what: object) -> None:
    """Nobody wants to know."""


class Metrics(NamedTuple):
    """One moment of a node, in plain numbers."""

    term: Term
    leader: NodeId
    is_leader: bool
    commit: Index
    applied: Index
    first: Index
    last: Index
    fsyncs: int
    pending: int
    """Proposals that wait."""
    dropped: int
    """Messages that the transport did not take."""
    refused: int
    """Messages of others that were of no use."""
    snapshots_made: int
    snapshots_installed: int
    chunks_resent: int


class Driver:
    """One node of one group. Made of an opened storage; `start` has time go on, `close` ends it."""

    def __init__(
        self,
        config: GroupConfig,
        storage: GroupStorage,
        machine: StateMachine,
        *,
        loop: asyncio.AbstractEventLoop,
        background: Background,
        transport: Transport,
        dice: Dice,
        trace: Callable[[str], None] = _to_nobody,
        on_failure: Callable[[Exception], None] = _to_nobody,
        on_leader: Callable[[NodeId], None] = _to_nobody,
    ) -> None:
        """Restores the state machine from the newest snapshot. Raises CorruptLog, StorageFailed, LogDamaged.

        `on_leader` is told of every leader in its turn, and of NOBODY; `term` is then the leader's.
        """
        self.config = config
        self.storage = storage
        files = storage.snapshots
        self._loop = loop
        self._background = background
        self._transport = transport
        self._on_failure = on_failure
        self._on_leader = on_leader
        self.trace = trace
        origin = dice.token(8)
        snapshot = storage.snapshot()
        self._applier = Applier(machine, origin, snapshot, files.parts(snapshot.position))
        self._snapshotting = Snapshotting(config, storage, self._applier, self._in_background)
        raft = replace(config.raft, async_storage=True, applied=snapshot.index)
        self.id: NodeId = raft.id
        self._node = RaftNode(raft, storage, dice.below, trace)
        self._requests = Requests(config, origin, loop.create_future, self._node)
        self._outgoing = Outgoing(self.id, files, config, self._in_background, self._send, self._report_snapshot)
        self._incoming = Incoming(
            files, config.max_snapshot_bytes, self._in_background, self._send, self._take_snapshot
        )
        self._writing = Writing(storage, self._report, self._post)
        self.is_due = False
        """Whether something waits for the next turn: until then the log may lag behind what Raft says."""
        self._ticks = 0
        self._dropped = self._refused = 0
        self._closed = False
        self.failure: Exception | None = None
        """What ended this node."""
        self.leader: NodeId = NOBODY
        """As far as this node knows."""
        self.term: Term = self._node.status().term

    # What is asked of it.

    def propose(self, data: bytes) -> asyncio.Future[Any]:
        """Has the group take a command in; the state machine's reply when this node has applied it.

        Raises NotTaken where too many wait, InvalidRequest where the command is too large, GroupStopped. The future
        raises NotTaken, OutcomeUnknown, GroupStopped.
        """
        self._check_running()
        size = len(data) + TAG_BYTES + ENTRY_OVERHEAD
        if size > self.config.raft.max_entry_size:
            raise InvalidRequest(f"a command of {size} bytes is over the limit of {self.config.raft.max_entry_size}")
        self._wake()
        return self._requests.propose(data, self._ticks)

    def change(self, change: ConfChange) -> asyncio.Future[Configuration]:
        """Changes the members; the configuration when the change is in force here. Raises as `propose`.

        The future also raises InvalidRequest for a change that does not fit.
        """
        self._check_running()
        self._wake()
        return self._requests.change(change, self._ticks)

    def read_index(self) -> asyncio.Future[Index]:
        """Waits until a read of this node's state machine is not stale; up to where it has applied the log then.

        Raises as `propose`; a read that fails was NotTaken in any case.
        """
        self._check_running()
        self._wake()
        return self._requests.read(self._ticks)

    def transfer_leadership(self, target: NodeId) -> None:
        """Asks the leader to hand over to another member; `leader` tells whether it did."""
        self._check_running()
        self._node.transfer_leadership(target)
        self._wake()

    def campaign(self) -> None:
        """Starts an election without waiting for the timeout."""
        self._check_running()
        self._node.campaign()
        self._wake()

    def receive(self, message: GroupMessage) -> None:
        """Takes a message of a peer. What is of no use is counted."""
        if self._stopped:
            return
        match message:
            case SnapshotChunk():
                self._guard(partial(self._take_chunk, message))
            case SnapshotChunkReply():
                self._guard(partial(self._outgoing.on_reply, message))
            case InstallSnapshot():
                self._refused += 1  # A snapshot comes in pieces; without them there is nothing to install.
            case _:
                self._guard(partial(self._step, message))

    def tick(self) -> None:
        """One tick of time has passed."""
        self._guard(self._tick)

    def _tick(self) -> None:
        self._ticks += 1
        self._requests.expire(self._ticks)
        self._outgoing.tick(self._ticks)
        self._node.tick()

    def start(self) -> None:
        """Has time go on, from the loop's timer. After a pause of the loop no ticks are made up for.

        Who decides alone has nobody to wait for, and leads at once.
        """
        self._loop.call_later(self.config.tick_ms / 1000, self._on_timer)
        if self.configuration.decided_by(self.id):
            self._guard(self._node.campaign)

    def _on_timer(self) -> None:
        self.tick()
        if not self._stopped:
            self._loop.call_later(self.config.tick_ms / 1000, self._on_timer)

    def close(self) -> None:
        """Writes what was put, fails who waits, and gives the directory up. Raises StorageFailed."""
        if not self._closed:
            self._closed = True
            self._requests.stop("it was closed")
            self._outgoing.end_all()
            self._incoming.close()
            self.storage.log.close()

    def status(self) -> Status:
        """How Raft stands."""
        return self._node.status()

    @property
    def configuration(self) -> Configuration:
        """The members, as of what is applied here."""
        return self._applier.configuration

    def metrics(self) -> Metrics:
        """This moment in numbers."""
        status = self._node.status()
        return Metrics(
            term=status.term,
            leader=status.leader,
            is_leader=status.role is Role.LEADER,
            commit=status.commit,
            applied=self._applier.applied,
            first=self.storage.first_index(),
            last=status.last,
            fsyncs=self.storage.log.stat().syncs,
            pending=self._requests.waiting,
            dropped=self._dropped,
            refused=self._refused + self._incoming.refused,
            snapshots_made=self._snapshotting.made,
            snapshots_installed=self._snapshotting.installed,
            chunks_resent=self._outgoing.resent,
        )

    # Turns.

    @property
    def _stopped(self) -> bool:
        return self._closed or self.failure is not None

    def _check_running(self) -> None:
        if self._stopped:
            raise GroupStopped(str(self.failure or "it was closed"))

    def _wake(self) -> None:
        """Everything that comes in one step of the loop shares a turn."""
        if not self.is_due:
            self.is_due = True
            self._loop.call_soon(self._guard, self._turn)

    def _guard(self, work: Callable[[], object]) -> None:
        """Does a piece of work; an error ends this node."""
        if self._stopped:
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a driver that has lost its way must not go on, whatever the reason
            self.failure = error
            self._requests.stop(str(error))
            self._on_failure(error)
            return
        if work != self._turn:
            self._wake()

    def _turn(self) -> None:
        self.is_due = False
        self._drain()
        if self._requests.hand_over():
            self._drain()

    def _drain(self) -> None:
        """Does all that can be done without waiting."""
        node = self._node
        while True:
            if node.has_ready():
                self._carry_out(node.ready())
            elif not self._writing.settle():
                return

    def _carry_out(self, ready: Ready) -> None:
        for message in ready.messages:
            self._send(message)
        job = ready.append
        if job:
            self._writing.put(job)
            if job.snapshot:
                self._snapshotting.restore(job.snapshot)
        if ready.apply:
            self._apply(ready.apply)
        for state in ready.read_states:
            self._requests.confirmed(state)
        self._requests.applied(self._applier.applied)
        term = job.hard_state.term if job and job.hard_state else self.term
        leader = ready.soft_state.leader if ready.soft_state else self.leader
        if (term, leader) != (self.term, self.leader):
            self._follow(term, leader)

    def _follow(self, term: Term, leader: NodeId) -> None:
        self._requests.leader_changed(self.leader, leader)
        if self.leader == self.id:
            self._outgoing.end_all()
        self.term, self.leader = term, leader
        self._on_leader(leader)

    def _report(self, job: StorageAppend) -> None:
        """A job and all before it are durable: what it promises may be told."""
        for message in job.replies:
            self._send(message)
        self._node.appended(job)

    # The state machine.

    def _apply(self, job: StorageApply) -> None:
        for outcome in self._applier.apply(job.entries, self._node.apply_conf_change):
            self._requests.done(outcome)
        self._node.applied(job)
        self._snapshotting.make_if_due()

    def make_snapshot(self) -> None:
        """Makes a snapshot of what is applied, and then cuts the log behind it; nothing while one is being made."""
        self._guard(self._snapshotting.make)

    # The peers.

    def _step(self, message: Message) -> None:
        try:
            self._node.step(message)
        except (Misaddressed, UnknownPeer, Malformed) as error:
            self._refused += 1
            self.trace(str(error))

    def _send(self, message: Message) -> None:
        if self._stopped:
            return
        if isinstance(message, InstallSnapshot):
            self._outgoing.begin(message.to, message.snapshot, message.term)
        elif not self._transport.send(message.to, message):
            self._dropped += 1
            self._node.report_unreachable(message.to)

    def _take_chunk(self, chunk: SnapshotChunk) -> None:
        if chunk.term >= self.term:
            self._incoming.on_chunk(chunk, wanted=chunk.index > self._node.status().commit)

    def _take_snapshot(self, chunk: SnapshotChunk, snapshot: Snapshot) -> None:
        """All pieces are here, and durable."""
        self._step(InstallSnapshot(chunk.sender, chunk.to, chunk.term, snapshot))

    def _report_snapshot(self, node: NodeId, arrived: bool) -> None:
        self._node.report_snapshot(node, arrived=arrived)
        self._wake()

    def _in_background(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Does blocking work beside the loop, then goes on in the loop; an error ends this node."""
        future = self._background.submit(work)
        future.add_done_callback(lambda done: self._post(lambda: then(done.result())))

    def _post(self, work: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(self._guard, work)
