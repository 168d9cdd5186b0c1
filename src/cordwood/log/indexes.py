"""The two indexes of a segment, and the rule by which they grow.

The rule: a batch that begins at least `index.interval.bytes` after the last indexed one gets an entry in both indexes.
Its time entry says that no record below its base offset has a later timestamp than the largest seen so far. When the
files are written, one more time entry says the same of the segment's end. The rule depends on nothing but the store, so
an index that is rebuilt equals the lost one.

Lives here: when an entry is due, whether loaded indexes are whole, their files. Must not live here: the arithmetic of an
index (index.py), the reading of batches (segment.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.log.backend import FileKind
from cordwood.log.index import Index

if TYPE_CHECKING:
    from cordwood.log.backend import Backend

_KINDS: Final = (FileKind.INDEX, FileKind.TIME_INDEX)


class Indexes:
    """Offset index and time index of one segment. One writer; any thread searches, without a lock."""

    __slots__ = (
        "_backend",
        "_base_offset",
        "_indexed_position",
        "_interval_bytes",
        "latest_timestamp",
        "offsets",
        "times",
    )

    def __init__(self, backend: Backend, base_offset: int, interval_bytes: int) -> None:
        self._backend = backend
        self._base_offset = base_offset
        self._interval_bytes = max(interval_bytes, 1)
        self._indexed_position = 0
        self.offsets = Index()
        self.times = Index()
        self.latest_timestamp = -1

    @classmethod
    def load(cls, backend: Backend, base_offset: int, interval_bytes: int, *, writable: bool) -> Indexes | None:
        """What is in the files, unchecked, or None when one is missing."""
        indexes = cls(backend, base_offset, interval_bytes)
        loaded = []
        for kind in _KINDS:
            if not backend.exists(base_offset, kind):
                return None
            file = backend.open(base_offset, kind)
            try:
                loaded.append(Index.load(file, writable=writable))
            finally:
                file.close()
        indexes.offsets, indexes.times = loaded
        indexes._resume()
        return indexes

    def _resume(self) -> None:
        self._indexed_position = (self.offsets.last or (0, 0))[1]
        self.latest_timestamp = (self.times.last or (-1, 0))[0]

    def note(self, position: int, base_offset: int, timestamp: int) -> None:
        """Takes the batch at `position` into account, which follows the last one noted."""
        if position - self._indexed_position >= self._interval_bytes:
            self.offsets.append(base_offset, position)
            self.times.append(max(self.latest_timestamp, 0), base_offset)
            self._indexed_position = position
        if timestamp > self.latest_timestamp:
            self.latest_timestamp = timestamp

    def is_short(self, position: int) -> bool:
        """Whether a batch that begins at `position`, after the last indexed one, should have had an entry."""
        return position - self._indexed_position >= self._interval_bytes

    def flaw(self, next_offset: int, size_bytes: int) -> str | None:
        """What is wrong with loaded indexes of a segment with this end, as far as they alone can tell."""
        base = self._base_offset
        if size_bytes and self.times.last is not None and self.times.last[1] > next_offset:
            return "the time index points beyond the end"
        return self.offsets.flaw(keys=(base + 1, next_offset), values=(1, size_bytes)) or self.times.flaw(
            keys=(0, 1 << 63), values=(base + 1, next_offset + 1)
        )

    def is_complete(self, next_offset: int) -> bool:
        """Whether the time index was written up to the end of the segment."""
        return self.times.last is not None and self.times.last[1] == next_offset

    def truncate(self, offset: int) -> int:
        """Forgets what was said about `offset` and beyond; returns the position from which batches are to be noted."""
        self.offsets.truncate(keys_below=offset)
        key, position = self.offsets.last or (self._base_offset, 0)
        self.times.truncate(values_below=key + 1)
        self._resume()
        return position

    def remove_files(self) -> None:
        """Takes the files away: the next `write` begins new ones, and views of the old stay whole."""
        for kind in _KINDS:
            self._backend.remove(self._base_offset, kind)

    def write(self, next_offset: int) -> None:
        """Appends to the files what is not in them, and to the time index the entry of the segment's end."""
        end = max(self.latest_timestamp, 0), next_offset
        if next_offset > self._base_offset and self.times.last != end:
            self.times.append(*end)
        for kind, index in zip(_KINDS, (self.offsets, self.times), strict=True):
            file = self._backend.open(self._base_offset, kind, create=True)
            try:
                index.write(file)
            finally:
                file.close()


def sync_files(backend: Backend, base_offset: int) -> None:
    """Returns when what was written to the index files of a segment is on the device."""
    for kind in _KINDS:
        file = backend.open(base_offset, kind, create=True)
        try:
            file.datasync()
        finally:
            file.close()
