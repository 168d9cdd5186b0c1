"""Snapshots on their way to followers: one for each follower, in pieces, the next one when the last is answered.

      read a piece ──> send ──> answered ──> read the next ... ──> done ──> Raft is told that it arrived
        (background)     └─ no answer: send again, then give up ──────────> ... that it did not

Lives here: the leader's side. Must not live here: the follower's (incoming.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from cordwood.consensus.wire import SnapshotChunk, SnapshotChunkReply
from cordwood.raft import NodeId, Snapshot, Term

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.snapshots import SnapshotFiles
    from cordwood.env.disk import File
    from cordwood.raft import Message

T = TypeVar("T")


class InBackground(Protocol):
    """Does blocking work beside the loop, then goes on in the loop with its result; an error ends the node."""

    def __call__(self, work: Callable[[], T], then: Callable[[T], None]) -> None: ...


class _Shipment:
    """A snapshot on its way to one follower."""

    __slots__ = ("chunk", "file", "is_reading", "position", "progress_at", "sent_at", "size", "snapshot", "term")

    def __init__(self, snapshot: Snapshot, term: Term, file: File, now: int) -> None:
        self.snapshot = snapshot
        self.term = term
        self.file = file
        self.size = file.size()
        self.position = 0
        self.chunk: SnapshotChunk | None = None
        self.is_reading = False
        self.sent_at = self.progress_at = now

    def release(self) -> None:
        """Closes the file, unless a piece of it is being read: whoever reads it does that then."""
        if not self.is_reading:
            self.file.close()


class Outgoing:
    """The shipments of one leader."""

    def __init__(
        self,
        node: NodeId,
        files: SnapshotFiles,
        config: GroupConfig,
        in_background: InBackground,
        send: Callable[[Message], None],
        ended: Callable[[NodeId, bool], None],
    ) -> None:
        """`ended` is told whether the snapshot arrived."""
        self._node = node
        self._files = files
        self._config = config
        self._in_background = in_background
        self._send = send
        self._ended = ended
        self._shipments: dict[NodeId, _Shipment] = {}
        self._now = 0
        self.resent = 0
        """Pieces that were sent again."""

    def __len__(self) -> int:
        return len(self._shipments)

    def begin(self, to: NodeId, snapshot: Snapshot, term: Term) -> None:
        """Ships a snapshot; one that is under way to the same follower is given up. Raises StorageFailed."""
        old = self._shipments.pop(to, None)
        if old:
            old.release()
        shipment = _Shipment(snapshot, term, self._files.open(snapshot.position), self._now)
        self._shipments[to] = shipment
        self._read(to, shipment)

    def _read(self, to: NodeId, shipment: _Shipment) -> None:
        shipment.is_reading = True
        shipment.chunk = None
        work = partial(shipment.file.read, self._config.chunk_bytes, shipment.position)
        self._in_background(work, partial(self._go_on, to, shipment))

    def _go_on(self, to: NodeId, shipment: _Shipment, data: bytes) -> None:
        shipment.is_reading = False
        if self._shipments.get(to) is not shipment:
            shipment.release()
            return
        snapshot = shipment.snapshot
        shipment.sent_at = self._now
        shipment.chunk = SnapshotChunk(
            self._node, to, shipment.term, snapshot.index, snapshot.term, shipment.size, shipment.position, data
        )
        self._send(shipment.chunk)

    def on_reply(self, reply: SnapshotChunkReply) -> None:
        """A follower says how far it is."""
        to = reply.sender
        shipment = self._shipments.get(to)
        if not shipment or (reply.snapshot_term, reply.index) != (shipment.snapshot.term, shipment.snapshot.index):
            return
        if reply.done:
            self._end(to, arrived=True)
        elif not shipment.is_reading and 0 <= reply.position < shipment.size:
            if reply.position > shipment.position:
                shipment.progress_at = self._now
            shipment.position = reply.position
            self._read(to, shipment)

    def tick(self, now: int) -> None:
        """Sends again what has no answer, and gives up what had none for too long."""
        self._now = now
        for to, shipment in list(self._shipments.items()):
            if now - shipment.progress_at >= self._config.chunk_patience_ticks:
                self._end(to, arrived=False)
            elif shipment.chunk and now - shipment.sent_at >= self._config.chunk_resend_ticks:
                shipment.sent_at = now
                self.resent += 1
                self._send(shipment.chunk)

    def end_all(self) -> None:
        """This node does not lead any more, or stops."""
        for to in list(self._shipments):
            self._end(to, arrived=False)

    def _end(self, to: NodeId, *, arrived: bool) -> None:
        self._shipments.pop(to).release()
        self._ended(to, arrived)
