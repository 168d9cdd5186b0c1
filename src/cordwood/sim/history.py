"""What was asked of a log and what was answered: that against which the checkers hold what is found.

Lives here: the record of one log's appends and truncations. Must not live here: opinions; those are in `checkers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cordwood.records.record import Record


class Outcome(IntEnum):
    """How far an append got, as its caller knows."""

    ASKED = 0
    """No answer yet, or an error: it may be found or not."""
    WRITTEN = 1
    """The append returned, its sync did not: a killed process does not lose it, a power failure may."""
    SYNCED = 2
    """It was acknowledged as durable."""


@dataclass(slots=True)
class Append:
    """One batch that somebody wanted to append."""

    base_offset: int
    records: tuple[Record, ...]
    outcome: Outcome = Outcome.ASKED

    @property
    def next_offset(self) -> int:
        """The offset after its last record."""
        return self.base_offset + len(self.records)


@dataclass(slots=True)
class History:
    """Everything that was asked of one log, by one caller at a time."""

    appends: list[Append] = field(default_factory=list)
    start_offset: int = 0
    """Where the log certainly begins, at least."""
    start_offset_asked: int = 0
    """Where it may begin: more than the former while a `truncate_before` is under way."""
    end_offset_asked: int | None = None
    """While a `truncate` is under way: where it may end, whatever was acknowledged."""

    def append(self, base_offset: int, records: Sequence[Record]) -> Append:
        """An append is asked for that would begin at `base_offset`."""
        numbered = tuple(record_at(record, base_offset + index) for index, record in enumerate(records))
        asked = Append(base_offset, numbered)
        self.appends.append(asked)
        return asked

    def synced_below(self, offset: int) -> None:
        """A sync returned: what was written below `offset` is durable."""
        for append in self.appends:
            if append.outcome is Outcome.WRITTEN and append.next_offset <= offset:
                append.outcome = Outcome.SYNCED

    def begin_truncate(self, offset: int) -> int:
        """A `truncate` is asked for; returns where the log should end: batches go whole."""
        kept = [append for append in self.appends if append.outcome > Outcome.ASKED]
        held = [append.base_offset for append in kept if append.base_offset <= offset < append.next_offset]
        self.end_offset_asked = max(self.start_offset, min(held, default=offset))
        return self.end_offset_asked

    def end_truncate(self) -> None:
        """The truncation that was asked for was carried out."""
        end = self.end_offset_asked
        assert end is not None, "no truncation was asked for"
        self.appends = [append for append in self.appends if append.next_offset <= end]
        self.end_offset_asked = None

    def begin_truncate_before(self, offset: int) -> None:
        """A `truncate_before` is asked for."""
        self.start_offset_asked = offset

    def end_truncate_before(self) -> None:
        """It was carried out."""
        self.start_offset = self.start_offset_asked

    def required(self, outcome: Outcome) -> Iterator[Record]:
        """The records that must be found if the log kept everything that got at least as far as `outcome`."""
        for append in self.appends:
            kept = self.end_offset_asked is None or append.next_offset <= self.end_offset_asked
            if append.outcome >= outcome and kept:
                yield from (record for record in append.records if record.offset >= self.start_offset_asked)

    def candidates(self) -> dict[int, list[Record]]:
        """By offset, the records that may be found there."""
        found: dict[int, list[Record]] = {}
        for append in self.appends:
            for record in append.records:
                found.setdefault(record.offset, []).append(record)
        return found


def record_at(record: Record, offset: int) -> Record:
    """The same record at an offset."""
    return Record(offset, record.timestamp_ms, record.key, record.value, record.headers)
