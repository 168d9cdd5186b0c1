"""Which entries a raft log holds, and where their records are.

      indexes      5    6    7   11   12         ascending; a gap is where the log was declared to go on further up
      positions  161  198  235  310  347         of the records, counted from the beginning of the log; ascending, too
      sizes       37   37   35   37   36

Lives here: three arrays of numbers, 24 bytes for an entry. Must not live here: log ids and payloads; those are read from
the cache or the chunks.

Positions ascend with the indexes because an entry takes the place of others only after they and all above them are cut.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence


class Entries:
    """The index of a raft log. Its owner locks."""

    __slots__ = ("_indexes", "_positions", "_sizes")

    def __init__(self) -> None:
        self._indexes = array("Q")
        self._positions = array("Q")
        self._sizes = array("Q")

    def __len__(self) -> int:
        return len(self._indexes)

    @property
    def first_position(self) -> int | None:
        """Where the oldest record lies that is still an entry's."""
        return self._positions[0] if self._positions else None

    def add(self, index: int, position: int, size: int) -> None:
        """Notes an entry above all others."""
        self._indexes.append(index)
        self._positions.append(position)
        self._sizes.append(size)

    def add_all(self, indexes: Sequence[int], positions: Sequence[int], sizes: Sequence[int]) -> None:
        """Notes several."""
        self._indexes.extend(indexes)
        self._positions.extend(positions)
        self._sizes.extend(sizes)

    def between(self, start: int, end: int) -> tuple[array[int], array[int]]:
        """The positions and sizes of the entries with indexes in [start, end): copies."""
        low, high = self._slot(start), self._slot(end)
        return self._positions[low:high], self._sizes[low:high]

    def cut_from(self, index: int) -> int | None:
        """Drops the entries at and above `index`; returns the position of the first one, None if there was none."""
        slot = self._slot(index)
        if slot == len(self._indexes):
            return None
        position = self._positions[slot]
        for column in (self._indexes, self._positions, self._sizes):
            del column[slot:]
        return position

    def cut_before(self, index: int) -> int | None:
        """Drops the entries below `index`; returns the position of the last one, None if there was none."""
        slot = self._slot(index)
        if not slot:
            return None
        position = self._positions[slot - 1]
        for column in (self._indexes, self._positions, self._sizes):
            del column[:slot]
        return position

    def _slot(self, index: int) -> int:
        """How many entries lie below `index`."""
        indexes = self._indexes
        if not indexes or index <= indexes[0]:
            return 0
        # Without a gap below it, an index stands where its number says; else it is searched for.
        slot = index - indexes[0]
        if slot < len(indexes) and indexes[slot] == index:
            return slot
        return bisect_left(indexes, index)
