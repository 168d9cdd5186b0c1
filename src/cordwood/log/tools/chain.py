"""Whether the offsets of a log follow each other, from batch to batch and from segment to segment.

The CRC covers neither the base offset nor the leader epoch of a batch, so this is what finds damage there. Which batch is
the wrong one shows at the next: if that goes on where the odd one should have ended, the odd one has a wrong number, and
the right one is known; else the chain is broken there.

Gaps inside of a segment are what compaction leaves behind. It keeps the last batch of each segment, so a gap between two
segments means that something is lost. It does not touch the active one, so there a gap before the last batch, with no other
sign of compaction (another gap, or a batch with fewer records than offsets), means a wrong number; unless it lies where the
log is known to be compacted: the segments behind may have been cut off since, or have been empty.

Lives here: base offsets. Must not live here: whether a batch is whole (walk.py), leader epochs (epoch_check.py), what is
said about a flaw (segment_check.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.log.tools.findings import Code

if TYPE_CHECKING:
    from cordwood.records.batch import BatchHeader


class Flaw(NamedTuple):
    """Where the chain is not what it should be."""

    code: Code
    position: int | None
    """The batch, or None where one is missing behind the last."""
    offset: int
    """The offset that should be there: the end of what is right."""
    message: str
    right: int | None = None
    """The base offset that the batch should have, if that is certain."""


class _Odd(NamedTuple):
    """A batch that does not begin where the one before ended, until the next one tells why."""

    position: int
    header: BatchHeader
    before: int

    @property
    def end_if_misnumbered(self) -> int:
        return self.before + self.header.last_offset_delta + 1


class OffsetChain:
    """Follows the offsets of one log. For each segment: `begin`, its batches, `end`; `take_flaws` whenever it suits."""

    def __init__(self, clean_below: int = 0) -> None:
        """Below `clean_below` the log was compacted."""
        self._clean_below = clean_below
        self._flaws: list[Flaw] = []
        self._limit: int | None = None
        self._expected: int | None = None
        self._odd: _Odd | None = None
        self._gaps = 0
        self._last_gap: Flaw | None = None
        """A gap that nothing but the last batch shows."""
        self._is_thinned = False
        self._has_overrun = False
        self.end_offset = 0
        """Where the batches so far end."""
        self.is_compacted = False
        """Whether there was a sign of compaction so far."""

    @property
    def is_in_doubt(self) -> bool:
        """Whether only the next batch tells if the offset of the last one is right."""
        return self._odd is not None

    def begin(self, base_offset: int, following: int | None) -> None:
        """A segment begins; `following` is the base offset of the next one."""
        self._limit = following
        self._expected = base_offset
        self._gaps = 0
        self._last_gap = None
        self._is_thinned = self._has_overrun = False
        self.end_offset = max(self.end_offset, base_offset)

    def batch(self, position: int, header: BatchHeader) -> None:
        """The next valid batch."""
        if header.record_count <= header.last_offset_delta:
            self._is_thinned = self.is_compacted = True
        odd, self._odd = self._odd, None
        if odd is not None:
            self._settle(odd, is_misnumbered=header.base_offset == odd.end_if_misnumbered)
        expected = self.end_offset if self._expected is None else self._expected
        if header.base_offset < expected or (header.base_offset > expected and self._expected is not None):
            self._odd = _Odd(position, header, expected)
            return
        self._last_gap = None
        self._check_limit(position, header, expected)
        self._expected = self.end_offset = header.next_offset

    def broken(self) -> None:
        """A bad place: nobody knows which offset follows it."""
        self._settle_last()
        self._expected = None

    def end(self) -> None:
        """The segment is over."""
        self._settle_last()
        end, limit = self._expected, self._limit
        if limit is None:
            if self._last_gap is not None and self._gaps == 1 and not self._is_thinned:
                self._flaws.append(self._last_gap)
        elif end is not None and end < limit:
            self._flaws.append(Flaw(Code.GAP, None, end, f"offsets {end} to {limit - 1} are missing behind it"))

    def take_flaws(self) -> list[Flaw]:
        """What was found since the last time."""
        flaws, self._flaws = self._flaws, []
        return flaws

    def _settle_last(self) -> None:
        odd, self._odd = self._odd, None
        if odd is not None:
            self._settle(odd, is_misnumbered=odd.end_if_misnumbered == self._limit)

    def _settle(self, odd: _Odd, *, is_misnumbered: bool) -> None:
        header, before = odd.header, odd.before
        if is_misnumbered:
            message = f"its offset is {header.base_offset} where {before} fits"
            self._flaws.append(Flaw(Code.OFFSET, odd.position, before, message, before))
            self._expected = self.end_offset = odd.end_if_misnumbered
            return
        if header.base_offset < before:
            message = f"its offset {header.base_offset} does not follow {before - 1}"
            self._flaws.append(Flaw(Code.OFFSET, odd.position, before, message))
        elif not self._check_limit(odd.position, header, before):
            message = f"offsets {before} to {header.base_offset - 1} are missing before it"
            if before >= self._clean_below:
                self._last_gap = Flaw(Code.GAP, odd.position, before, message)
            self._gaps += 1
            self.is_compacted = True
        self._expected = header.next_offset
        self.end_offset = max(self.end_offset, header.next_offset)

    def _check_limit(self, position: int, header: BatchHeader, before: int) -> bool:
        """Tells the first batch that reaches into the next segment; whether this one does."""
        limit = self._limit
        if limit is None or header.next_offset <= limit:
            return False
        if not self._has_overrun:
            self._has_overrun = True
            message = f"it reaches to offset {header.last_offset}, the next segment begins at {limit}"
            self._flaws.append(Flaw(Code.OFFSET, position, before, message))
        return True
