"""Whether the snapshots of producers can be read, and say of the producers what the batches do.

A snapshot may know less than the batches (a producer was forgotten) and more (its batches were deleted); what both know
must be the same. Compaction leaves too little of the batches to tell.

Lives here: snapshots. Must not live here: what a producer may send (log/producers.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.backend import FileKind
from cordwood.log.producers import ProducerTable
from cordwood.log.replay import note_control
from cordwood.log.snapshots import load_snapshot
from cordwood.log.tools.findings import Code
from cordwood.model.errors import CorruptLog

if TYPE_CHECKING:
    from cordwood.env.disk import Disk
    from cordwood.log.aborted import AbortedTransaction
    from cordwood.log.producers import ProducedBatch, Producer
    from cordwood.log.tools.files import LogFiles
    from cordwood.log.tools.findings import Findings
    from cordwood.records.batch import BatchHeader
    from cordwood.records.control import Marker


class ProducerCheck:
    """Holds the snapshots of one log against its batches: every batch, then `end`."""

    def __init__(self, findings: Findings, disk: Disk, files: LogFiles, first_offset: int) -> None:
        """`first_offset` is where the first segment begins: what lies below was deleted."""
        self._findings = findings
        self._disk = disk
        self._files = files
        self._first_offset = first_offset
        self._waiting = list(files.offsets[FileKind.SNAPSHOT])
        self._table = ProducerTable()
        self._is_blind = False
        self.is_compacted = False
        """Whether batches may be gone from the middle of the log."""

    def batch(self, header: BatchHeader, marker: Marker | None = None) -> AbortedTransaction | None:
        """The next valid batch, and what it says if it ends a transaction; returns what it aborts."""
        while self._waiting and self._waiting[0] <= header.base_offset:
            self._check(self._waiting.pop(0))
        if header.producer_id < 0:
            return None
        if header.is_control:
            return note_control(self._table, header, marker, 0)
        self._table.note(header, header.base_offset, 0)
        return None

    def skip(self) -> None:
        """A part of the log is damaged: what producers sent there nobody knows."""
        self._is_blind = True

    def end(self, end_offset: int, recovery_point: int) -> None:
        """The log ends. If it does so below its recovery point, snapshots between the two were right once."""
        for offset in self._waiting:
            if offset > max(end_offset, recovery_point):
                message = f"the log ends at offset {end_offset}"
                path = self._files.path_of(offset, FileKind.SNAPSHOT)
                self._findings.add(Code.SNAPSHOT_BEYOND, path, None, message, segment=offset)
                continue
            self._is_blind |= offset > end_offset
            self._check(offset)

    def _check(self, offset: int) -> None:
        path = self._files.path_of(offset, FileKind.SNAPSHOT)
        try:
            loaded = load_snapshot(self._disk, path)
            if loaded is None:
                return  # It was replaced by a newer one meanwhile.
            table, written_offset = loaded
        except CorruptLog as error:
            self._findings.add(Code.SNAPSHOT, path, error.position, error.reason, segment=offset)
            return
        if written_offset != offset:
            message = f"it is a snapshot of offset {written_offset}"
            self._findings.add(Code.SNAPSHOT_NAME, path, None, message, segment=offset)
        elif not (self._is_blind or self.is_compacted):
            for producer_id, producer in table:
                self._compare(path, offset, producer_id, producer)

    def _compare(self, path: str, offset: int, producer_id: int, producer: Producer) -> None:
        told = [_numbers(batch) for batch in producer.batches if batch.base_offset >= self._first_offset]
        seen = self._table.find(producer_id)
        if not told or seen is None:
            difference = f"wrote at offset {told[-1][2]}: no batch there is of it" if told else None
        elif seen.epoch != producer.epoch:
            difference = f"has epoch {producer.epoch}: the batches say {seen.epoch}"
        elif not self._is_same_start(producer.transaction_start, seen.transaction_start):
            open_since = f"{producer.transaction_start}: the batches say {seen.transaction_start}"
            difference = f"has a transaction open since offset {open_since}"
        else:
            difference = _difference(told, [_numbers(batch) for batch in seen.batches])
        if difference is not None:
            message = f"it says that producer {producer_id} {difference}"
            self._findings.add(Code.SNAPSHOT_PRODUCER, path, None, message, segment=offset)

    def _is_same_start(self, told: int, seen: int) -> bool:
        """Whether an open transaction is the same; of one whose beginning was deleted the batches show a later one."""
        return told == seen or 0 <= told < self._first_offset <= seen


def _numbers(batch: ProducedBatch) -> tuple[int, ...]:
    """What tells a batch: its sequences and offsets."""
    return batch[:4]


def _difference(told: list[tuple[int, ...]], seen: list[tuple[int, ...]]) -> str | None:
    if told == seen[-len(told) :]:
        return None
    pairs = zip(reversed(told), reversed(seen), strict=False)
    wrong, right = next(((a, b) for a, b in pairs if a != b), (told[0], None))
    there = "no batch is there" if right is None else f"the batches say {right[0]} to {right[1]} at {right[2]}"
    return f"sent sequences {wrong[0]} to {wrong[1]} at offset {wrong[2]}: {there}"
