"""Whether the files of aborted transactions say what the markers in the stores do.

| the row, or the marker                                                       | finding                                |
|------------------------------------------------------------------------------|----------------------------------------|
| a marker aborts a transaction, and no row says so                            | damage; beyond the recovery point none: an opening finds it |
| a row tells of a marker that is not there, or does not abort its producer's  | damage; beyond the recovery point a note: an opening drops it |
| a row tells another first offset, or another last stable offset              | the same                               |
| a row knows more than the batches: what it tells was deleted, or compacted   | none                                   |

What a row does not tell right, readers of committed records are given though it was aborted, or not given though it was
committed. Only a last stable offset that is too low does no more than make a search longer.

Lives here: `.txnidx`. Must not live here: which transactions are open (log/producers.py), snapshots (producer_check.py).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from cordwood.log.aborted import load_aborted
from cordwood.log.backend import FileKind
from cordwood.log.tools.findings import Code, Level
from cordwood.model.errors import CorruptLog
from cordwood.records.control import MarkerType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.disk import Disk
    from cordwood.log.aborted import AbortedTransaction
    from cordwood.log.tools.files import LogFiles
    from cordwood.log.tools.findings import Findings
    from cordwood.records.batch import BatchHeader
    from cordwood.records.control import Marker


class AbortedCheck:
    """Holds the files of one log against its markers. For each segment: `begin`, its control batches, `end`."""

    def __init__(self, findings: Findings, disk: Disk, files: LogFiles, first_offset: int, recovery_point: int) -> None:
        """`first_offset` is where the first segment begins: what lies below was deleted."""
        self._findings = findings
        self._disk = disk
        self._files = files
        self._first_offset = first_offset
        self._recovery_point = recovery_point
        self._segment = 0
        self._path = ""
        self._rows: Sequence[AbortedTransaction] = ()
        self._is_readable = True
        self._is_blind = False
        self._aborting: dict[int, int] = {}
        """The producers of the segment's markers that abort, by offset."""
        self._found: dict[int, AbortedTransaction] = {}
        """What those abort of what is in the log, by offset."""

    def begin(self, segment: int) -> None:
        """A segment begins. Its file is read before the store, which then has every marker that the rows tell of."""
        self._segment = segment
        self._path = self._files.path_of(segment, FileKind.ABORTED)
        self._aborting, self._found = {}, {}
        self._rows, self._is_readable = (), True
        try:
            self._rows = load_aborted(self._disk, self._path) or ()
        except CorruptLog as error:
            self._is_readable = False
            self._add(Code.ABORTED, error.position, error.reason, is_damage=True)

    def marker(self, header: BatchHeader, marker: Marker | None, found: AbortedTransaction | None) -> None:
        """The next control batch, what it says, and what it aborts of what is in the log."""
        if marker is not None and marker.type is MarkerType.ABORT:
            self._aborting[header.base_offset] = header.producer_id
        if found is not None:
            self._found[header.base_offset] = found

    def skip(self) -> None:
        """A part of the log is damaged: what began or ended there nobody knows."""
        self._is_blind = True

    def end(self, *, is_compacted: bool) -> None:
        """The segment is over; `is_compacted` if batches may be gone from the middle of the log."""
        if self._is_blind or not self._is_readable:
            return
        for before, after in pairwise(self._rows):
            if before.last_offset >= after.last_offset:
                message = f"the marker at offset {after.last_offset} comes after that at {before.last_offset}"
                self._add_row(after, message)
        for row in self._rows:
            flaw = self._flaw(row, is_compacted=is_compacted)
            if flaw is not None:
                name = f"producer {row.producer_id}, offsets {row.first_offset} to {row.last_offset}"
                self._add_row(row, f"it says that the transaction of {name}, was aborted: {flaw}")
        told = {row.last_offset for row in self._rows}
        for offset, found in self._found.items():
            if offset not in told and offset < self._recovery_point:
                message = f"it has nothing of the transaction of producer {found.producer_id}, which the marker at {offset} aborts"
                self._add(Code.ABORTED_MISSING, None, message, is_damage=True, offset=found.first_offset)

    def _flaw(self, row: AbortedTransaction, *, is_compacted: bool) -> str | None:
        if self._aborting.get(row.last_offset) != row.producer_id:
            return "no such marker is there"
        found = self._found.get(row.last_offset)
        knows_more = is_compacted or row.first_offset < self._first_offset
        if found is None:
            return None if knows_more and row.first_offset < row.last_offset else "nothing of it is there"
        if row.first_offset != found.first_offset and not (knows_more and row.first_offset < found.first_offset):
            return f"it began at {found.first_offset}"
        stable, right = row.last_stable_offset, found.last_stable_offset
        if stable != right and not (stable < right and (is_compacted or stable < self._first_offset)):
            return f"the last stable offset was {right} then, and not {stable}"
        return None

    def _add_row(self, row: AbortedTransaction, message: str) -> None:
        is_damage = row.last_offset < self._recovery_point
        self._add(Code.ABORTED_ENTRY, None, message, is_damage=is_damage, offset=row.first_offset)

    def _add(
        self, code: Code, position: int | None, message: str, *, is_damage: bool, offset: int | None = None
    ) -> None:
        level = Level.DAMAGE if is_damage else Level.NOTE
        self._findings.add(code, self._path, position, message, level=level, segment=self._segment, offset=offset)
