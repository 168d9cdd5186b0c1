"""Whether the index files of a segment agree with its store.

Entries are held against the batches as a walk passes them, so both files are read once, in pieces.

Below the recovery point indexes are durable, and what is wrong there is damage. Beyond it a crash may leave anything; the
opening reads that part of the store again and makes the entries anew, so it is worth a note at most. So is the last entry
of a time index, which tells the end of the segment: it is written anew whenever the log is opened at this end.

Lives here: the two indexes. Must not live here: the store (walk.py, chain.py), what an index is (log/indexes.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.log.tools.entries import Entry, entries
from cordwood.log.tools.findings import Code, Level
from cordwood.model.limits import INDEX_ENTRY_SIZE_BYTES, INDEX_INTERVAL_BYTES

if TYPE_CHECKING:
    from cordwood.env.disk import File
    from cordwood.log.tools.findings import Findings
    from cordwood.records.batch import BatchHeader


class IndexFile(NamedTuple):
    """An index file as it was when the check began; more may be written to it meanwhile."""

    path: str
    file: File
    size_bytes: int


class Durable(NamedTuple):
    """How much of a segment's indexes a crash cannot have touched."""

    segment: int
    is_settled: bool
    """The segment is closed and lies below the recovery point: nothing is written to its indexes any more."""
    recovery_point: int


class _Cursor:
    """The entries of a file, one at a time, until one is out of order."""

    def __init__(self, findings: Findings, index: IndexFile, durable: Durable, *, end_is_durable: bool) -> None:
        self._findings = findings
        self._index = index
        self._durable = durable
        self._end_is_durable = end_is_durable
        self._entries = entries(index.file, index.size_bytes)
        self._following = next(self._entries, None)
        self.entry: Entry | None = None
        self.last: Entry | None = None
        """The entry before."""
        self.is_whole = True
        if index.size_bytes % INDEX_ENTRY_SIZE_BYTES:
            message = f"{index.size_bytes} bytes are no whole number of entries of {INDEX_ENTRY_SIZE_BYTES}"
            position = index.size_bytes - index.size_bytes % INDEX_ENTRY_SIZE_BYTES
            self.tell(Code.INDEX_SIZE, position, message, damage=durable.is_settled and end_is_durable)
        self.advance()

    def advance(self) -> None:
        """Goes to the next entry, or to the end."""
        last, entry = self.entry, self._following
        self._following = next(self._entries, None)
        self.last = last or self.last
        if last is not None and entry is not None and (entry.key < last.key or entry.value < last.value):
            message = f"the entry ({entry.key}, {entry.value}) comes after ({last.key}, {last.value})"
            damage = self.is_durable(entry, entry.key)
            self.stop()
            self.tell(Code.INDEX_ORDER, entry.at, message, damage=damage)
            return
        self.entry = entry

    def stop(self) -> None:
        """No more entries are looked at."""
        self._entries = iter(())
        self.entry = self._following = None
        self.is_whole = False

    def is_durable(self, entry: Entry, offset: int) -> bool:
        """Whether an entry about this offset was on the device.

        Beyond what was, a power failure leaves zeros, and before them one entry that may be written in part.
        """
        if self._durable.is_settled and self._end_is_durable:
            return True
        following = self._following
        is_torn = following is None or _is_hole(following) or _is_hole(entry)
        return (self._durable.is_settled or offset < self._durable.recovery_point) and not is_torn

    def tell(self, code: Code, position: int | None, message: str, *, damage: bool, offset: int | None = None) -> None:
        """Notes a finding in this file."""
        level = Level.DAMAGE if damage else Level.NOTE
        segment = self._durable.segment
        self._findings.add(code, self._index.path, position, message, level=level, segment=segment, offset=offset)


def _is_hole(entry: Entry) -> bool:
    return entry.key == entry.value == 0


class IndexCheck:
    """Holds the offset index against the batches of its segment."""

    def __init__(self, findings: Findings, index: IndexFile, durable: Durable, interval_bytes: int | None) -> None:
        self._cursor = _Cursor(findings, index, durable, end_is_durable=True)
        self.last_key = durable.segment
        """The offset of the last entry that is right, or the beginning of the segment."""
        self._durable = durable
        self._interval_bytes = interval_bytes
        self._indexed = 0
        self._longest = 0
        self._closest: int | None = None

    def batch(self, position: int, header: BatchHeader) -> None:
        """The next valid batch."""
        cursor = self._cursor
        while cursor.entry is not None and cursor.entry.value < position:
            self._tell_wrong(cursor.entry, f"no batch begins at byte {cursor.entry.value} of the store")
            cursor.advance()
        entry = cursor.entry
        if entry is None or entry.value > position:
            self._longest = max(self._longest, position - self._indexed)
            return
        if entry.value == 0:
            self._tell_wrong(entry, "it points to the beginning of the store, which needs no entry", Code.INDEX_RANGE)
        elif entry.key != header.base_offset:
            self._tell_wrong(entry, f"the batch at byte {position} of the store begins at offset {header.base_offset}")
        else:
            self.last_key = entry.key
        distance = position - self._indexed
        self._closest = distance if self._closest is None else min(self._closest, distance)
        self._indexed = position
        cursor.advance()
        if cursor.entry is not None and cursor.entry.value == position:
            self._tell_wrong(cursor.entry, "the place is in the index twice", Code.INDEX_ORDER)
            cursor.advance()

    def skip(self, position: int) -> None:
        """What lies before `position` is damaged: nobody can say what its entries should be."""
        cursor = self._cursor
        while cursor.entry is not None and cursor.entry.value < position:
            cursor.advance()
        self._indexed = position

    def end(self, position: int) -> None:
        """The segment ends at `position`."""
        cursor = self._cursor
        while cursor.entry is not None:
            self._tell_wrong(cursor.entry, f"the batches of the store end at byte {position}", Code.INDEX_RANGE)
            cursor.advance()
        # An index was built with one interval: no two entries are closer, and no stretch without one is as long.
        bound = max(self._interval_bytes or INDEX_INTERVAL_BYTES, self._closest or 0)
        if self._durable.is_settled and cursor.is_whole and self._longest >= bound:
            message = f"a stretch of {self._longest} bytes has no entry, where each {bound} should have one"
            is_certain = self._interval_bytes is not None or self._closest is not None
            cursor.tell(Code.INDEX_SHORT, None, message, damage=is_certain)

    def _tell_wrong(self, entry: Entry, message: str, code: Code = Code.INDEX_ENTRY) -> None:
        cursor = self._cursor
        message = f"the entry says that offset {entry.key} is at byte {entry.value}: {message}"
        cursor.tell(code, entry.at, message, damage=cursor.is_durable(entry, entry.key), offset=entry.key)


class TimeIndexCheck:
    """Holds the time index against the batches of its segment."""

    def __init__(self, findings: Findings, index: IndexFile, durable: Durable) -> None:
        self._cursor = _Cursor(findings, index, durable, end_is_durable=False)
        self._durable = durable
        self._next_offset = durable.segment
        self._latest = 0

    def batch(self, header: BatchHeader) -> None:
        """The next valid batch."""
        self._check_up_to(header.base_offset)
        self._latest = max(self._latest, header.latest_timestamp)
        self._next_offset = header.next_offset

    def skip(self) -> None:
        """A part of the store is damaged: nobody knows the timestamps there."""
        self._cursor.stop()

    def end(self, end_offset: int, indexed_offset: int) -> None:
        """The segment ends at `end_offset`, where the next one begins if there is one.

        `indexed_offset` is that of the last entry in the offset index: there is a time entry for each of those.
        """
        self._check_up_to(end_offset)
        cursor = self._cursor
        while cursor.entry is not None:
            self._tell_wrong(cursor.entry, f"the segment ends at offset {end_offset}", Code.INDEX_RANGE)
            cursor.advance()
        reached = max(cursor.last.value if cursor.last is not None else 0, self._durable.segment)
        if self._durable.is_settled and cursor.is_whole and reached < end_offset and self._next_offset > reached:
            message = f"it ends at offset {reached}, the segment at {end_offset}"
            cursor.tell(Code.INDEX_SHORT, None, message, damage=reached < indexed_offset)

    def _check_up_to(self, offset: int) -> None:
        cursor = self._cursor
        while (entry := cursor.entry) is not None and entry.value <= offset:
            if entry.value < self._next_offset:
                self._tell_wrong(entry, "no batch begins there")
            elif entry.key != self._latest:
                self._tell_wrong(entry, f"it is {self._latest}")
            cursor.advance()

    def _tell_wrong(self, entry: Entry, message: str, code: Code = Code.INDEX_ENTRY) -> None:
        cursor = self._cursor
        message = f"the entry says that {entry.key} is the latest timestamp below offset {entry.value}: {message}"
        damage = cursor.is_durable(
            entry, entry.value - 1
        )  # An end that was written at the recovery point is as durable.
        cursor.tell(code, entry.at, message, damage=damage, offset=entry.value)
