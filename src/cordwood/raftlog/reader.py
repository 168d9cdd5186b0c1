"""Reading entries: from memory, or from the chunk that holds their record.

Lives here: reads of one moment. Must not live here: what stays in memory (cache.py), whether the log is open.

A read takes a copy of the index, of what of it is in memory, and of the list of chunks, together under the lock. What
was not in memory then is durable in a closed chunk, whose bytes never change, and whose file stays open for as long as
somebody reads it. So neither truncations nor purges disturb a read that is under way.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from cordwood.model.errors import CorruptLog
from cordwood.model.raftlog_errors import InvalidRecord, LogIndexNotFound
from cordwood.raftlog.records import Append
from cordwood.raftlog.stat import AccessStat

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from cordwood.raftlog.chunk import Chunk
    from cordwood.raftlog.contents import Contents
    from cordwood.raftlog.records import RecordCodec
    from cordwood.raftlog.wal import Wal

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")

_start_of: Final = attrgetter("start")


class Reader(Generic[L, V, P, U]):
    """Reads one log's entries. Called under the log's lock; what `read` returns is not."""

    def __init__(self, codec: RecordCodec[L, V, P, U], contents: Contents[L, V, P, U], wal: Wal) -> None:
        self._codec = codec
        self._contents = contents
        self._wal = wal
        self.access = AccessStat(0, 0)
        """How often entries were found in memory."""

    def read(self, start: int, end: int) -> Iterator[tuple[L, P]]:
        """The entries with indexes in [start, end) as they are now. Raises CorruptLog and StorageFailed on the way."""
        positions, sizes = self._contents.entries.between(start, end)
        cached = self._contents.cache.get_all(positions)
        misses = cached.count(None)
        hits = len(cached) - misses
        self.access = AccessStat(self.access.hits + hits, self.access.misses + misses)
        if not misses:
            return iter(cast("list[tuple[L, P]]", cached))
        return self._read_on(self._wal.chunks, positions, sizes, cached)

    def log_id_at(self, index: int) -> L:
        """The log id of an entry. Raises LogIndexNotFound, CorruptLog, StorageFailed."""
        positions, sizes = self._contents.entries.between(index, index + 1)
        if not positions:
            raise LogIndexNotFound(index)
        (entry,) = self._contents.cache.get_all(positions)
        return (entry or self._load(self._wal.chunks, positions[0], sizes[0]))[0]

    def _read_on(
        self,
        chunks: Sequence[Chunk],
        positions: array[int],
        sizes: array[int],
        cached: list[tuple[L, P] | None],
    ) -> Iterator[tuple[L, P]]:
        for position, size, entry in zip(positions, sizes, cached, strict=True):
            yield entry or self._load(chunks, position, size)

    def _load(self, chunks: Sequence[Chunk], position: int, size: int) -> tuple[L, P]:
        chunk = chunks[bisect_right(chunks, position, key=_start_of) - 1]
        at = position - chunk.start
        data = memoryview(chunk.opened.read(size, at))
        try:
            record, _ = self._codec.decode(data, 0, len(data))
        except InvalidRecord as error:
            raise CorruptLog(chunk.path, at, error.reason) from error
        if not isinstance(record, Append):
            raise CorruptLog(chunk.path, at, f"the record is {type(record).__name__} where an entry was")
        return record.log_id, record.payload
