"""A shard brought back from its log.

    a thread:   read a piece ─> batches ─> records ─> decode ──┐     the next piece meanwhile
    the loop:                                                  └─> replay, a few milliseconds at a time

Decoding takes most of the time and needs nothing of the loop; replay belongs to the loop's thread, and gives it back
before others notice. A piece is bounded, and no more than two are in memory.

Lives here: those two halves. Must not live here: what a record means (the kind of the shard).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from cordwood.coordinator.shard_kind import NOBODY, Producer, S, ShardKind
from cordwood.coordinator.surroundings import Surroundings
from cordwood.log.log import Log
from cordwood.model.decision import Record
from cordwood.model.errors import CorruptLog, InvalidBatch, ProtocolError
from cordwood.records.batch import BatchHeader, batches
from cordwood.records.control import MarkerType, parse_marker
from cordwood.records.reader import decode_batch

SLICE_SECONDS: Final = 0.003
"""How long replay keeps the loop before others have their turn."""

SLICE_RECORDS: Final = 256
"""So many records are replayed between two looks at the clock."""


Decode: TypeAlias = Callable[[bytes, "bytes | None", Producer], "Record | None"]
"""`decode` of a kind of shards."""


class TransactionEnd(NamedTuple):
    """A marker in the log."""

    producer_id: int
    committed: bool


class Piece(NamedTuple):
    """What was read: changes in their order, how many records there were, and where reading goes on."""

    changes: list[Record | TransactionEnd]
    record_count: int
    next_offset: int


async def load(log: Log, shard: S, kind: ShardKind[S], around: Surroundings) -> int:
    """Replays the whole log; returns how many records it had. Raises CorruptLog, StorageFailed, LogClosed."""
    offset, end = int(log.start_offset), int(log.end_offset)
    if offset >= end:
        return 0
    read = partial(read_piece, log, decode=kind.decode, end=end, max_bytes=kind.load_buffer_bytes)
    reading = around.background.submit(partial(read, offset))
    count = 0
    while True:
        piece = await asyncio.wrap_future(reading)
        count += piece.record_count
        if piece.next_offset < end:
            reading = around.background.submit(partial(read, piece.next_offset))
        await _replay(shard, piece.changes, kind, around)
        if piece.next_offset >= end:
            return count


async def _replay(shard: S, changes: list[Record | TransactionEnd], kind: ShardKind[S], around: Surroundings) -> None:
    monotonic = around.clock.monotonic
    until = monotonic() + SLICE_SECONDS
    for start in range(0, len(changes), SLICE_RECORDS):
        for change in changes[start : start + SLICE_RECORDS]:
            if isinstance(change, TransactionEnd):
                kind.complete(shard, change.producer_id, committed=change.committed)
            else:
                shard.replay(change)
        if monotonic() >= until:
            await asyncio.sleep(0)
            until = monotonic() + SLICE_SECONDS


def read_piece(log: Log, offset: int, *, decode: Decode, end: int, max_bytes: int) -> Piece:
    """Reads and decodes batches from `offset` on, below `end`; for a background thread.

    Raises CorruptLog, StorageFailed, LogClosed, OffsetOutOfRange.
    """
    found = log.read_range(offset, max_bytes, end_offset=end)
    if found is None:
        return Piece([], 0, end)  # What followed was compacted away.
    data = found.file.read(found.end - found.start, found.start)
    gathered = _Changes(decode)
    next_offset = offset
    try:
        for header, batch in batches(data):
            gathered.add(header, batch, offset)
            next_offset = header.next_offset
        changes = gathered.taken()
    except (InvalidBatch, ProtocolError) as error:
        reason = f"of the records from offset {offset} on one cannot be read: {error}"
        raise CorruptLog(found.file.path, found.start, reason) from error
    if next_offset <= offset:
        raise CorruptLog(found.file.path, found.start, "the store is shorter than its index says")
    return Piece(changes, gathered.count, next_offset)


class _Changes:
    """The changes of one piece.

    Most of a log is offsets that were committed anew a moment later. Of the records of one key only the last one of the
    piece is decoded: that is what compaction would leave of it. What belongs to transactions is taken as it comes.
    """

    def __init__(self, decode: Decode) -> None:
        self.count = 0
        self._decode = decode
        self._changes: list[Record | TransactionEnd] = []
        self._last: dict[bytes, bytes | None] = {}

    def add(self, header: BatchHeader, batch: memoryview, offset: int) -> None:
        """Takes the records of a batch from `offset` on. Raises InvalidBatch, ProtocolError."""
        records = [record for record in decode_batch(batch, header) if record.offset >= offset]
        self.count += len(records)
        if header.is_control:
            self._settle()
            self._changes += [
                TransactionEnd(header.producer_id, marker.type is MarkerType.COMMIT)
                for marker in map(parse_marker, records)
                if marker is not None
            ]
        elif header.is_transactional:
            self._settle()
            producer = Producer(header.producer_id, header.producer_epoch)
            for record in records:
                if record.key is not None:
                    self._take(record.key, record.value, producer)
        else:
            last = self._last
            for record in records:
                if record.key is not None:
                    last.pop(record.key, None)  # So that it comes after those before it.
                    last[record.key] = record.value

    def taken(self) -> list[Record | TransactionEnd]:
        """All changes in their order."""
        self._settle()
        return self._changes

    def _settle(self) -> None:
        for key, value in self._last.items():
            self._take(key, value, NOBODY)
        self._last.clear()

    def _take(self, key: bytes, value: bytes | None, producer: Producer) -> None:
        change = self._decode(key, value, producer)
        if change is not None:  # Else of a kind that is not known here: what a later version keeps for itself.
            self._changes.append(change)
