"""The segments of a log as one immutable value that is swapped whole, so that readers never lock.

Lives here: which segment holds an offset. Must not live here: anything that changes a segment.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cordwood.log.segment import Segment


class Segments:
    """The segments by base offset; the last one takes the appends. There is always at least one."""

    __slots__ = ("_base_offsets", "active", "all")

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        self.all = segments
        self.active = segments[-1]
        self._base_offsets = tuple(segment.base_offset for segment in segments)

    def holding(self, offset: int) -> Segment:
        """The segment whose range holds `offset`; the first one for what lies before it."""
        if offset >= self.active.base_offset:
            return self.active
        return self.all[max(bisect_right(self._base_offsets, offset) - 1, 0)]

    def since(self, offset: int) -> tuple[Segment, ...]:
        """The segment that holds `offset` and those after it."""
        return self.all[max(bisect_right(self._base_offsets, offset) - 1, 0) :]

    def filled_from(self, offset: int) -> tuple[Segment, int, int] | None:
        """The segment with the first batch at or above `offset` that has records, and that batch's place, if any.

        Compaction may have left a segment without one. Raises CorruptLog.
        """
        for segment in self.since(offset):
            place = segment.filled_from(max(offset, segment.base_offset)) if segment.size_bytes else None
            if place is not None:
                return segment, *place
        return None

    def with_active(self, segment: Segment) -> Segments:
        """The same with a new active segment behind."""
        return Segments((*self.all, segment))

    def with_replaced(self, run: tuple[Segment, ...], segment: Segment) -> Segments | None:
        """The same with one segment in the place of closed neighbours, or None if they are not there as they were."""
        start = bisect_left(self._base_offsets, run[0].base_offset)
        end = start + len(run)
        if self.all[start:end] != run or end >= len(self.all):
            return None
        return Segments((*self.all[:start], segment, *self.all[end:]))

    def split_below(self, offset: int) -> tuple[tuple[Segment, ...], Segments]:
        """The segments that end at or below `offset`, and the rest; the active one is never among the former."""
        count = sum(1 for segment in self.all[1:] if segment.base_offset <= offset)
        return self.all[:count], Segments(self.all[count:])

    def split_from(self, offset: int) -> tuple[Segments, tuple[Segment, ...]]:
        """The segments that begin below `offset` (at least the first one), and the rest."""
        count = max(sum(1 for segment in self.all if segment.base_offset < offset), 1)
        return Segments(self.all[:count]), self.all[count:]
