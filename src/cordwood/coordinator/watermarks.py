"""How far partitions were at which time: what tells how old a record is without reading it.

    offset   100   100        180            260
    time      10    15 ... 20  |  25 ... 30   |      the record at 140 came between 15 and 20: at 17.5
              └─ same ─┘

Every few seconds the high watermark of each partition is noted, if it moved. Where the notes become too many, every
second one of the older half goes: what is long ago is known more roughly.

Lives here: the notes of all partitions. Must not live here: groups.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

NOTES_KEPT: Final = 128


class Watermarks:
    """The notes. Times are in seconds of any clock that never goes back."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, int], _Notes] = {}

    def note(self, now: float, high_watermarks: Iterable[tuple[tuple[str, int], int]]) -> None:
        """Notes the high watermarks of all partitions that there are; others are forgotten."""
        before, self._notes = self._notes, {}
        for name, offset in high_watermarks:
            notes = before.get(name)
            if notes is None or offset < notes.offsets[-1]:  # Another topic of that name, or a truncated log.
                notes = _Notes(offset, now)
            else:
                notes.add(offset, now)
            self._notes[name] = notes

    def age(self, name: tuple[str, int], offset: int, now: float) -> float:
        """About how long ago the record at `offset`, which is there, was written; 0 for a partition without notes.

        Of a record older than the notes it is at least the answer.
        """
        notes = self._notes.get(name)
        return 0.0 if notes is None else max(0.0, now - notes.time_of(offset))


class _Notes:
    """Of one partition. `offsets` never go back; while nothing is written two notes have the same one."""

    __slots__ = ("offsets", "times")

    def __init__(self, offset: int, now: float) -> None:
        self.offsets = [offset]
        self.times = [now]

    def add(self, offset: int, now: float) -> None:
        offsets, times = self.offsets, self.times
        if len(offsets) > 1 and offsets[-2] == offset == offsets[-1]:
            times[-1] = now
            return
        offsets.append(offset)
        times.append(now)
        if len(offsets) > NOTES_KEPT:
            half = slice(1, NOTES_KEPT // 2, 2)
            del offsets[half], times[half]

    def time_of(self, offset: int) -> float:
        """When the record at `offset` was written, as nearly as can be told."""
        after = bisect_right(self.offsets, offset)
        if after == 0:
            return self.times[0]
        if after == len(self.offsets):
            return self.times[-1]
        low, high = self.offsets[after - 1], self.offsets[after]
        share = (offset - low) / (high - low)
        return self.times[after - 1] + share * (self.times[after] - self.times[after - 1])
