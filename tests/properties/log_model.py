"""What a log holds, as a plain list; and what of it may be found when the machine stops in the midst of an operation.

Lives here: the list and its rules. Must not live here: logs, disks, chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cordwood.records.batch import BatchHeader, Codec
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType
from cordwood.records.record import Record
from cordwood.sim.found import Found
from tests.properties.committed import aborted_offsets, committed


class Batch(NamedTuple):
    """One batch: the offsets [base_offset, next_offset) and the records that are left there."""

    base_offset: int
    next_offset: int
    records: tuple[Record, ...]
    producer: tuple[int, int] | None = None
    """The producer's id and epoch ..."""
    last_sequence: int = -1
    is_transactional: bool = False
    marker: MarkerType | None = None
    """How a transaction of the producer ends here ..."""
    marked_ms: int = -1
    """... and when that was written."""

    @classmethod
    def of(cls, header: BatchHeader, records: Iterable[Record], marker: Marker | None) -> Batch:
        """The batch with this header, what is left of it among these records, and what it says if it ends a transaction."""
        own = tuple(record for record in records if header.base_offset <= record.offset < header.next_offset)
        producer = (header.producer_id, header.producer_epoch) if header.producer_id >= 0 else None
        is_transactional = header.is_transactional and not header.is_control
        batch = cls(header.base_offset, header.next_offset, own, producer, header.last_sequence, is_transactional)
        return batch if marker is None else batch._replace(marker=marker.type, marked_ms=header.max_timestamp)

    def sent(self, codec: Codec = Codec.NONE) -> memoryview:
        """As it comes from the network. Compaction may have taken records of it; a retry has as many."""
        count = self.next_offset - self.base_offset
        records = self.records if len(self.records) == count else [Record(0, 0, b"k", b"v")] * count
        assert self.producer is not None
        number, epoch = self.producer
        fields = {"producer_id": number, "producer_epoch": epoch, "base_sequence": self.last_sequence - count + 1}
        data = build_batch(records, codec=codec, transactional=self.is_transactional, **fields)
        return memoryview(bytearray(data))

    def since(self, start: int) -> Batch:
        """Without the records below an offset."""
        if self.base_offset >= start:
            return self
        return self._replace(records=tuple(record for record in self.records if record.offset >= start))

    @property
    def is_filled(self) -> bool:
        """Whether anything is left in it."""
        return bool(self.records) or self.marker is not None

    @property
    def sequence(self) -> tuple[int, int]:
        """How far its producer was: epoch and last sequence."""
        assert self.producer is not None, self
        return self.producer[1], self.last_sequence


class Allowed(NamedTuple):
    """What may be found after an operation that did not come to its end."""

    batches: tuple[Batch, ...]
    """All that was ever asked for and not cut off."""
    starts: frozenset[int]
    end: int
    """The log ends here or later if only the process died ..."""
    durable: int
    """... and here or later if the power failed."""
    compacts_below: int | None = None
    """A compaction was under way, of closed segments below this offset."""
    deletes: bool = False
    """All of it was about to go."""

    def cut_at(self, end: int) -> Allowed:
        """The end was about to be cut back to there."""
        return self._replace(end=min(self.end, end), durable=min(self.durable, end))

    def check(self, found: Found, *, power_failed: bool) -> None:
        """Raises AssertionError if this cannot be."""
        records = [record for record in found.records if not self.deletes or record.offset >= min(self.starts)]
        held = [batch.since(found.start_offset) for batch in self.batches if batch.next_offset <= found.end_offset]
        expected = [record for batch in held for record in batch.records]
        if self.deletes:
            known = set(expected)
            assert all(record in known for record in records), "something was invented"
            return
        low = self.durable if power_failed else self.end
        assert found.start_offset in self.starts, f"it begins at {found.start_offset}, not in {self.starts}"
        assert found.end_offset >= low, f"it ends at {found.end_offset}, but was to be kept up to {low}"
        ends = {batch.next_offset for batch in self.batches} | {found.start_offset}
        assert found.end_offset in ends, f"it ends at {found.end_offset}, inside of a batch: {ends}"
        if self.compacts_below is None:
            assert records == expected
        else:
            check_compacted(held, records, clean_below=0, dirty_from=self.compacts_below)


class LogModel:
    """A list of batches and the two ends."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.start = 0
        self.end = 0
        self.durable = 0
        """Everything below was acknowledged as durable."""
        self.is_compacted = False
        """Whether a compaction was begun, so that records or batches may be missing in the middle."""

    @property
    def records(self) -> list[Record]:
        """What a reader sees."""
        return [record for batch in self.batches for record in batch.records if record.offset >= self.start]

    def as_it_is(self) -> Allowed:
        """What may be found if nothing is under way."""
        return Allowed(tuple(self.batches), frozenset({self.start}), self.end, min(self.durable, self.end))

    def first_filled(self, offset: int) -> Batch | None:
        """The batch that a reader at `offset` is served first."""
        return next((batch for batch in self.batches if batch.next_offset > offset and batch.is_filled), None)

    def boundary(self, offset: int) -> int:
        """Where the log ends if all from `offset` on is cut off: batches go whole, and gaps before them, too."""
        if offset == self.end:
            return offset
        before = [batch.next_offset for batch in self.batches if batch.next_offset <= offset]
        return max([self.start, *before[-1:]])

    def last_of(self, producer_id: int) -> Batch | None:
        """The newest batch of a producer."""
        own = [batch for batch in self.batches if batch.producer and batch.producer[0] == producer_id]
        return own[-1] if own else None

    def append(self, batch: Batch) -> None:
        """At the end."""
        self.batches.append(batch)
        self.end = batch.next_offset

    def cut(self, end: int) -> None:
        """The end goes back; `end` is a boundary."""
        self.batches = [batch for batch in self.batches if batch.next_offset <= end]
        self.end = end
        self.durable = min(self.durable, end)

    def begin_at(self, start: int) -> None:
        """The beginning moves on."""
        self.start = start
        self.batches = [batch for batch in self.batches if batch.next_offset > start]

    def hold(self, found: Found, batches: Iterable[Batch]) -> None:
        """From now on the list is what was found, and found to be allowed."""
        self.start, self.end = found.start_offset, found.end_offset
        self.batches = [batch for batch in batches if batch.next_offset > self.start]
        self.durable = min(self.durable, self.end)


def check_compacted(before: Sequence[Batch], after: Sequence[Record], *, clean_below: int, dirty_from: int) -> None:
    """`after` is what compaction may leave of `before`: all from `dirty_from` on, and below `clean_below` each key once."""
    records = [record for batch in before for record in batch.records]
    known = {record.offset: record for record in records}
    offsets = [record.offset for record in after]
    left = set(offsets)
    assert offsets == sorted(left), "offsets grow"
    assert all(known.get(record.offset) == record for record in after), "nothing is invented"
    counted = {record.offset for record in committed(before)}
    assert state_of(record for record in after if record.offset in counted) == state_of(
        record for record in records if record.offset in counted
    ), "a reader of committed records ends with the same values"
    assert all(offset in left for offset in known if offset >= dirty_from), "what is dirty is left alone"
    keys = [record.key for record in after if record.offset < clean_below]
    assert None not in keys, "a record without a key is left"
    assert len(keys) == len(set(keys)), "keys are unique"


def check_aborted_are_gone(before: Sequence[Batch], after: Sequence[Record], *, below: int) -> None:
    """Of what was compacted, no record is left that was aborted."""
    left = aborted_offsets(before).intersection(record.offset for record in after if record.offset < below)
    assert not left, f"{left} were aborted"


def state_of(records: Iterable[Record]) -> dict[bytes, Record]:
    """What somebody knows who has read everything: the newest record of each key, where it is no tombstone."""
    state = {record.key: record for record in records if record.key is not None}
    return {key: record for key, record in state.items() if record.value is not None}
