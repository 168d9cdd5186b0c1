"""The index: sorted pairs of whole numbers, searched by bisection.

      0        8        16       24       32
      +--------+--------+--------+--------+-- ... --+
      | key 0  | value 0| key 1  | value 1|         |        u64 little-endian each, 16 bytes an entry, no header
      +--------+--------+--------+--------+-- ... --+

| file       | key                     | value                     | says                                         |
|------------|-------------------------|---------------------------|----------------------------------------------|
| `.idx`     | a batch's base offset   | its position in the store | where to begin looking for an offset         |
| `.timeidx` | the largest timestamp   | an offset                 | no record below the offset has a later one   |

Neither keys nor values ever shrink. docs/formats/index.md.

Lives here: pairs, and their bytes. Must not live here: what they mean, when one is added, where the file is.

An index that grows is held in two arrays and written to its file now and then by plain writes (never through a
writable map: a full disk would kill the process with SIGBUS). A closed one is a read-only view of its file. Both are
searched by the same `bisect`, in C. An index holds nothing that the log does not: after a crash, missing
entries are added again and stale ones cut, and a damaged index is rebuilt.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from operator import le
from typing import TYPE_CHECKING, Final, TypeAlias

from cordwood.model.limits import INDEX_ENTRY_SIZE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.disk import File

    Column: TypeAlias = "array[int] | memoryview"

_SWAPPED: Final = sys.byteorder == "big"


_EMPTY: Final = (array("Q"), array("Q"))
"""The columns that all empty indexes share, as most indexes of small logs are."""


class Index:
    """Sorted pairs. One writer; any thread searches, without a lock."""

    __slots__ = ("_columns", "_written")

    def __init__(self) -> None:
        self._columns: tuple[Column, Column] = _EMPTY
        self._written = 0

    @classmethod
    def load(cls, file: File, *, writable: bool = False) -> Index:
        """The index in a file; an incomplete last entry is left out. Checks nothing else: see `flaw`."""
        index = cls()
        count = file.size() // INDEX_ENTRY_SIZE_BYTES
        pairs = file.view(0, count * INDEX_ENTRY_SIZE_BYTES)
        if writable or _SWAPPED:
            numbers = array("Q", pairs.tobytes())
            if _SWAPPED:
                numbers.byteswap()
            index._columns = numbers[::2], numbers[1::2]
        else:
            words = pairs.cast("B").cast("Q")
            index._columns = words[::2], words[1::2]
        index._written = count
        return index

    def __len__(self) -> int:
        return len(self._columns[0])

    @property
    def size_bytes(self) -> int:
        """What the index takes on disk once all of it is written."""
        return len(self) * INDEX_ENTRY_SIZE_BYTES

    @property
    def last(self) -> tuple[int, int] | None:
        """The last entry."""
        keys, values = self._columns
        count = len(keys)
        return (keys[count - 1], values[count - 1]) if count else None

    def append(self, key: int, value: int) -> None:
        """Adds an entry at the end: neither its key nor its value may be below the last one's."""
        keys, values = self._columns
        if keys is _EMPTY[0]:
            self._columns = keys, values = array("Q"), array("Q")
        assert isinstance(keys, array) and isinstance(values, array), "a closed index takes no entries"
        # The value goes first: a reader bisects the keys and must find the value of each.
        values.append(value)
        keys.append(key)

    def floor(self, key: int) -> tuple[int, int] | None:
        """The entry with the largest key that is not above `key`."""
        keys, values = self._columns
        found = bisect_right(keys, key) - 1
        return (keys[found], values[found]) if found >= 0 else None

    def floor_of_value(self, value: int) -> tuple[int, int] | None:
        """The last entry whose value is not above `value`."""
        keys, values = self._columns
        found = min(bisect_right(values, value), len(keys)) - 1
        return (keys[found], values[found]) if found >= 0 else None

    def truncate(self, *, keys_below: int | None = None, values_below: int | None = None) -> None:
        """Keeps the entries whose key, or value, is below the bound; the index takes entries again.

        What is kept is not written to the file again, where a power failure would tear what was durable. While others
        search, the next `write` must go to a new file, and then writes all: a reader may be in the pages of the old one.
        """
        keys, values = self._columns
        kept = len(keys)
        if keys_below is not None:
            kept = min(kept, bisect_right(keys, keys_below - 1))
        if values_below is not None:
            kept = min(kept, bisect_right(values, values_below - 1))
        self._columns = (array("Q", keys[:kept].tolist()), array("Q", values[:kept].tolist())) if kept else _EMPTY
        self._written = min(self._written, kept)

    def write(self, file: File) -> None:
        """Writes to its file what is not there yet, and cuts off what no longer belongs there."""
        keys, values = self._columns
        kept = min(self._written, file.size() // INDEX_ENTRY_SIZE_BYTES)
        if file.size() != kept * INDEX_ENTRY_SIZE_BYTES:
            file.truncate(kept * INDEX_ENTRY_SIZE_BYTES)
        count = len(keys)
        if count > kept:
            file.write([_interleave(keys[kept:count], values[kept:count])], kept * INDEX_ENTRY_SIZE_BYTES)
        self._written = count

    def flaw(self, *, keys: tuple[int, int], values: tuple[int, int]) -> str | None:
        """What is wrong with the index, given the half-open ranges that its keys and values must lie in."""
        if not len(self):
            return None
        for name, column, (low, high) in (("keys", self._columns[0], keys), ("values", self._columns[1], values)):
            numbers: Sequence[int] = column.tolist()
            if not all(map(le, numbers, numbers[1:])):
                return f"its {name} are not sorted"
            if not low <= numbers[0] <= numbers[-1] < high:
                return f"its {name} [{numbers[0]}, {numbers[-1]}] point outside [{low}, {high})"
        return None


def _interleave(keys: Column, values: Column) -> bytes:
    numbers = array("Q", bytes(len(keys) * INDEX_ENTRY_SIZE_BYTES))
    numbers[::2] = array("Q", keys.tolist())
    numbers[1::2] = array("Q", values.tolist())
    if _SWAPPED:
        numbers.byteswap()
    return numbers.tobytes()
