"""A dump of chunks: what is in them, record after record, and where it is damaged.

Lives here: rows, from an open log or from a directory. Must not live here: words (text.py), opinions (verify.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from cordwood.model.errors import CorruptLog
from cordwood.model.raftlog_errors import InvalidRecord
from cordwood.raftlog.chunk import chunk_name, find_chunks
from cordwood.raftlog.records import RecordCodec
from cordwood.raftlog.tail import judge_tail

if TYPE_CHECKING:
    from cordwood.env.disk import Disk, File
    from cordwood.raftlog.codecs import RaftTypes
    from cordwood.raftlog.records import Record

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")


class ChunkSource(NamedTuple):
    """A chunk to be dumped: its first `size_bytes`."""

    start: int
    path: str
    file: File
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk begins."""

    chunk: int
    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record: the how manieth of its chunk, and where in the chunk it lies."""

    chunk: int
    number: int
    start: int
    end: int
    record: Record[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class DamageRow:
    """The chunk cannot be read on. An unfinished record at the end of the last chunk is no damage: opening cuts it."""

    chunk: int
    path: str
    position: int
    reason: str
    is_unfinished: bool


Row: TypeAlias = ChunkRow | RecordRow | DamageRow


def dump_directory(disk: Disk, path: str, types: RaftTypes[L, V, P, U]) -> Iterator[Row]:
    """Every record in a directory, which the caller owns. Raises StorageFailed."""
    starts, _ = find_chunks(disk.list(path))
    return dump_chunks(RecordCodec(types), open_chunks(disk, path, starts))


def open_chunks(disk: Disk, path: str, starts: Iterable[int]) -> list[ChunkSource]:
    """The chunks of a directory, as large as their files are."""
    sources = []
    for start in starts:
        file = disk.open(f"{path}/{chunk_name(start)}")
        sources.append(ChunkSource(start, file.path, file, file.size()))
    return sources


def dump_chunks(codec: RecordCodec[L, V, P, U], sources: list[ChunkSource]) -> Iterator[Row]:
    """Every record of some chunks, of which the last one may end in a torn write."""
    for source in sources:
        yield ChunkRow(source.start, source.path, source.size_bytes)
        yield from dump_chunk(codec, source, is_last=source is sources[-1])


def dump_chunk(
    codec: RecordCodec[L, V, P, U], source: ChunkSource, *, is_last: bool
) -> Iterator[RecordRow | DamageRow]:
    """Every record of a chunk."""
    view = source.file.view(0, source.size_bytes)
    at = number = 0
    while at < len(view):
        try:
            record, stop = codec.decode(view, at, len(view))
        except InvalidRecord as error:
            yield _damage(codec, source, view, at, error, is_last=is_last)
            return
        yield RecordRow(source.start, number, at, stop, record)
        at, number = stop, number + 1


def _damage(
    codec: RecordCodec[L, V, P, U],
    source: ChunkSource,
    view: memoryview,
    at: int,
    error: InvalidRecord,
    *,
    is_last: bool,
) -> DamageRow:
    reason, is_unfinished = error.reason, is_last
    try:
        judge_tail(codec, source.path, view, at, error)
    except CorruptLog as corrupt:
        reason, is_unfinished = corrupt.reason, False
    return DamageRow(source.start, source.path, at, reason, is_unfinished)
