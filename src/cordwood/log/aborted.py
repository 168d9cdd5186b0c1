"""Which transactions of a log were aborted: what a reader of committed records has to leave out.

      .log       [t7 100..104] [t8 105] [t7 106..109] [abort 7: 110] [t9 111] [commit 8: 112] ...
      .txnidx    producer 7, first 100, last 110 (the marker), last stable offset then: 105

Each segment whose markers abort something has a file `<base>.txnidx` (docs/formats/aborted.md): a checkpoint whose payload
is a row for each such marker, in the order of the markers,

      +-------------+--------------+-------------+--------------------+
      | producer id | first offset | last offset | last stable offset |       little-endian
      +-------------+--------------+-------------+--------------------+
        i64           i64            i64           i64

The last stable offset is where the oldest transaction began that was open when the marker was there: all that are aborted
later begin there or behind, so a search that has come so far is over.

| when                              | the file                                                                    |
|-----------------------------------|------------------------------------------------------------------------------|
| a marker is appended              | is as it was: the row is in memory, and recovery finds the marker             |
| a checkpoint                      | is replaced, before `partition.meta` moves the recovery point                 |
| the log is truncated              | keeps rows beyond the end until the next checkpoint; opening drops what is not below the recovery point |
| the segment goes                  | goes with it                                                                  |
| compaction replaces the segment   | is replaced with it (swap.py), without the transactions of which nothing is left |
| it is damaged, or was lost        | is made again from the batches, by a snapshot of producers                    |

Which segments have a file stands in `partition.meta`, which every checkpoint writes after them: so an opening sees from the
names alone that one is lost. A segment that is not named there, or lies beyond the recovery point, has no such markers
unless it has a file. What was loaded stays in memory: some 150 bytes for each row.

Lives here: that. Must not live here: which transactions are open (producers.py), reading markers (replay.py).
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from operator import attrgetter
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from cordwood.log import checkpoint
from cordwood.log.backend import FileKind
from cordwood.log.checkpoint import Kind
from cordwood.model.errors import CorruptLog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from cordwood.env.disk import Disk
    from cordwood.log.backend import Backend

ABORTED: Final = Kind(b"CWab", 1)

_ROW: Final = Struct("<qqqq")


class AbortedTransaction(NamedTuple):
    """A transaction that was aborted, as far as one partition knows it."""

    producer_id: int
    first_offset: int
    last_offset: int
    """The marker's."""
    last_stable_offset: int


Changes: TypeAlias = "Mapping[int, tuple[AbortedTransaction, ...]]"
"""The rows of segments, by base offset, whose files have to be replaced."""

_marker_offset: Final = attrgetter("last_offset")


def encode_aborted(rows: Iterable[AbortedTransaction]) -> bytes:
    """The payload of a file."""
    return b"".join(_ROW.pack(*row) for row in rows)


def decode_aborted(payload: bytes, path: str) -> list[AbortedTransaction]:
    """The rows of a file. Raises CorruptLog, which names `path`."""
    if len(payload) % _ROW.size:
        raise CorruptLog(path, len(payload), f"the rows take {_ROW.size} bytes each, and the last one is cut short")
    return [AbortedTransaction(*numbers) for numbers in _ROW.iter_unpack(payload)]


def load_aborted(disk: Disk, path: str) -> list[AbortedTransaction] | None:
    """The rows of a file, or None when there is no file. Raises CorruptLog."""
    payload = checkpoint.load(disk, path, ABORTED)
    return None if payload is None else decode_aborted(payload, path)


def store_aborted(disk: Disk, path: str, rows: Iterable[AbortedTransaction]) -> None:
    """Puts the rows into a file, durably. Raises StorageFailed."""
    checkpoint.replace(disk, path, ABORTED, encode_aborted(rows))


class AbortedIndex:
    """The aborted transactions of a log, by segments.

    Whoever changes it holds the log's append lock; any thread may search.
    """

    __slots__ = ("_backend", "_bases", "_changed", "_disk", "_loading", "_lost", "_rows", "rebuild")

    def __init__(
        self,
        disk: Disk,
        backend: Backend,
        rebuild: Callable[[int], Sequence[AbortedTransaction]],
        *,
        wanted: Collection[int] = (),
    ) -> None:
        """The segments at the base offsets `wanted` must have a file; where it is lost, it is made again."""
        self._disk = disk
        self._backend = backend
        self._loading = threading.Lock()
        self._rows: dict[int, list[AbortedTransaction] | None] = dict.fromkeys(backend.list(FileKind.ABORTED))
        """By the base offset of the segment; None until somebody asks."""
        self._lost: Collection[int] = tuple(sorted(set(wanted).difference(self._rows))) if wanted else ()
        """The segments whose file was missing when the log was opened."""
        self._rows |= dict.fromkeys(self._lost)
        self._bases: tuple[int, ...] = tuple(sorted(self._rows))
        """The segments that have rows; swapped whole."""
        self._changed: dict[int, None] = dict.fromkeys(self._lost)
        self.rebuild = rebuild
        """Finds the rows of the segment at a base offset in its batches."""

    def __bool__(self) -> bool:
        """Whether there may be any."""
        return bool(self._bases)

    @property
    def has_changes(self) -> bool:
        """Whether there is something that is in no file."""
        return bool(self._changed)

    # Searching.

    def between(self, start: int, end: int) -> Iterator[AbortedTransaction]:
        """Those of which a part may lie in [start, end), in the order of their markers. Raises StorageFailed."""
        bases = self._bases
        for base in bases[max(bisect_right(bases, start) - 1, 0) :]:
            rows = self._of(base)
            for row in rows[bisect_left(rows, start, key=_marker_offset) :]:
                if row.first_offset < end:
                    yield row
                if row.last_stable_offset >= end:
                    return

    def of_segments(self, bases: Collection[int]) -> list[AbortedTransaction]:
        """The rows of some segments."""
        return [row for base in self._bases if base in bases for row in self._of(base)]

    def has_any(self, bases: Collection[int]) -> bool:
        """Whether one of these segments has rows, or a file."""
        return any(base in bases for base in self._bases)

    def _of(self, base: int) -> Sequence[AbortedTransaction]:
        rows = self._rows.get(base, ())
        return self._load(base) if rows is None else rows

    def _load(self, base: int) -> Sequence[AbortedTransaction]:
        with self._loading:
            rows = self._rows.get(base, [])
            if rows is not None:
                return rows
            # Without a file that was there at the opening, the segment was removed while it was asked for.
            loaded = list(self.rebuild(base)) if base in self._lost else self._loaded(base)
            self._rows[base] = rows = loaded or []
            return rows

    def _loaded(self, base: int) -> list[AbortedTransaction] | None:
        try:
            return load_aborted(self._disk, self._backend.path_of(base, FileKind.ABORTED))
        except CorruptLog:
            self._changed[base] = None
            return list(self.rebuild(base))

    # Changing.

    def note(self, base: int, row: AbortedTransaction) -> None:
        """A marker was appended to, or found in, the segment at `base`, behind all others."""
        rows = self._rows.get(base)
        if rows is None:
            self._of(base)
            rows = self._rows.get(base)
        if rows is None:
            self._put(base, [row])
        else:
            rows.append(row)
        self._changed[base] = None

    def truncate(self, end: int) -> None:
        """Forgets the markers from `end` on."""
        for base in self._bases[::-1]:
            rows = self._of(base) if base < end else ()
            kept = rows[: bisect_left(rows, end, key=_marker_offset)]
            if base < end and len(kept) == len(rows):
                return
            self._put(base, list(kept))
            self._changed[base] = None

    def truncate_before(self, base: int) -> None:
        """Forgets the segments below `base`."""
        for below in self._bases[: bisect_left(self._bases, base)]:
            self._drop(below)

    def exchange(self, bases: Iterable[int], base: int, rows: Sequence[AbortedTransaction]) -> None:
        """One segment took the place of others, and has its file already if it has rows."""
        had_any = self.has_any(set(bases))
        for old in bases:
            self._drop(old)
        if had_any:
            self._put(base, list(rows))

    def _put(self, base: int, rows: list[AbortedTransaction]) -> None:
        with self._loading:
            self._rows[base] = rows
            self._bases = tuple(sorted(self._rows))

    def _drop(self, base: int) -> None:
        with self._loading:
            self._changed.pop(base, None)
            if base in self._rows:
                self._bases = tuple(other for other in self._bases if other != base)
                del self._rows[base]

    # Storing.

    def changes(self) -> Changes:
        """What a checkpoint has to store."""
        return {base: tuple(self._of(base)) for base in sorted(self._changed)}

    def bases_after(self, changes: Changes) -> tuple[int, ...]:
        """The segments that have a file once these changes are stored."""
        return tuple(base for base in self._bases if changes.get(base, True))

    def store(self, changes: Changes) -> None:
        """Replaces the files. Raises StorageFailed."""
        for base, rows in changes.items():
            if rows:
                store_aborted(self._disk, self._backend.path_of(base, FileKind.ABORTED), rows)
            else:
                self._backend.remove(base, FileKind.ABORTED)
                self._backend.sync()  # Before the recovery point moves on: what is below it is trusted.

    def stored(self, changes: Changes) -> None:
        """Those files are there; what was changed meanwhile is still to be stored."""
        for base, rows in changes.items():
            if tuple(self._of(base)) == tuple(rows):
                self._changed.pop(base, None)
                if not rows:
                    self._drop(base)
