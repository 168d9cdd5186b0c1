"""A snapshot that arrives in pieces: written beside the others, checked as a whole, then renamed to be one of them.

      piece ──> write ──> "next, please" ... last piece ──> check all, fdatasync, rename, fsync ──> "done"
                                                              └─ damaged: from the beginning

Lives here: the follower's side. Must not live here: the leader's (outgoing.py), and what a snapshot does to the log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cordwood.consensus.wire import SnapshotChunk, SnapshotChunkReply
from cordwood.model.errors import CorruptLog
from cordwood.raft import Index, NodeId, Position, Snapshot, Term

if TYPE_CHECKING:
    from cordwood.consensus.outgoing import InBackground
    from cordwood.consensus.snapshots import SnapshotFiles
    from cordwood.env.disk import File
    from cordwood.raft import Message


class _Key(NamedTuple):
    """Which shipment: another leader's file of the same state may have other bytes."""

    sender: NodeId
    snapshot_index: Index
    snapshot_term: Term
    size: int


class Incoming:
    """The one shipment that a node takes in at a time."""

    def __init__(
        self,
        files: SnapshotFiles,
        max_bytes: int,
        in_background: InBackground,
        send: Callable[[Message], None],
        arrived: Callable[[SnapshotChunk, Snapshot], None],
    ) -> None:
        """`arrived` is called with the last piece when the whole snapshot is durable."""
        self._files = files
        self._max_bytes = max_bytes
        self._in_background = in_background
        self._send = send
        self._arrived = arrived
        self._key: _Key | None = None
        self._finished: _Key | None = None
        self._file: File | None = None
        self._position = 0
        self._is_busy = False
        self.restarted = 0
        """Shipments that came to their end damaged, and began again."""
        self.refused = 0
        """Pieces of snapshots that are too large, or that contradict themselves."""

    def on_chunk(self, chunk: SnapshotChunk, *, wanted: bool) -> None:
        """A piece arrived; `wanted` says whether the snapshot would be of use. Raises StorageFailed."""
        key = _Key(chunk.sender, chunk.index, chunk.snapshot_term, chunk.size)
        end = chunk.position + len(chunk.data)
        if not 0 <= chunk.position < end <= chunk.size <= self._max_bytes:
            self.refused += 1
        elif not wanted or key == self._finished:
            self._reply(chunk, chunk.size, done=True)
        elif not self._is_busy:
            self._take(key, chunk)

    def _take(self, key: _Key, chunk: SnapshotChunk) -> None:
        if key != self._key:
            self._begin(key)
        if chunk.position != self._position:
            self._reply(chunk, self._position)
            return
        file = self._file
        assert file is not None, "a shipment under way has its file"
        self._is_busy = True
        self._in_background(
            partial(self._write, file, chunk), partial(self._written, chunk, chunk.position + len(chunk.data))
        )

    def _begin(self, key: _Key) -> None:
        self.give_up()
        self._file = self._files.begin(Position(key.snapshot_term, key.snapshot_index))
        self._key = key

    def _write(self, file: File, chunk: SnapshotChunk) -> Snapshot | CorruptLog | None:
        """In the background: the snapshot when it is whole, the damage when it is not, None when more is to come."""
        file.write([chunk.data], chunk.position)
        if chunk.position + len(chunk.data) < chunk.size:
            return None
        try:
            snapshot = self._files.finish(file)
        except CorruptLog as error:
            return error
        return snapshot

    def _written(self, chunk: SnapshotChunk, position: int, outcome: Snapshot | CorruptLog | None) -> None:
        self._is_busy = False
        if outcome is None:
            self._position = position
            self._reply(chunk, position)
            return
        key, self._key, self._file, self._position = self._key, None, None, 0
        if isinstance(outcome, CorruptLog) or (outcome.index, outcome.term) != (chunk.index, chunk.snapshot_term):
            self.restarted += 1
            self._reply(chunk, 0)
            return
        self._finished = key
        self._arrived(chunk, outcome)
        self._reply(chunk, position, done=True)

    def give_up(self) -> None:
        """Drops what came of the shipment under way. Raises StorageFailed."""
        file, self._key, self._file, self._position = self._file, None, None, 0
        if file is not None:
            self._files.abandon(file)

    def close(self) -> None:
        """Takes in nothing more; what came so far is removed at the next start."""
        if self._file is not None and not self._is_busy:
            self._file.close()

    def _reply(self, chunk: SnapshotChunk, position: int, *, done: bool = False) -> None:
        self._send(
            SnapshotChunkReply(
                chunk.to, chunk.sender, chunk.term, chunk.index, chunk.snapshot_term, position, done=done
            )
        )
