"""Verification: every byte of a directory of chunks, and whether the chunks agree with each other.

| code          | level  | what was found                                                                         |
|---------------|--------|----------------------------------------------------------------------------------------|
| record        | damage | bytes that are no record, or whose checksum is wrong                                   |
| hole          | damage | a chunk does not begin where the one before it ends                                    |
| head          | damage | a chunk does not begin with a state, or the only one has no whole record               |
| state         | damage | a chunk begins with another state than the one that the chunks before it come to       |
| contradiction | damage | a record goes back behind those before it, or leaves indexes out                       |
| unfinished    | note   | the end of a write that was under way when the process died: opening cuts it           |
| purged        | note   | a chunk wholly below what was purged: opening unlinks it                               |
| doubt         | note   | a sync failed: until the next opening the device may lack what is read here            |
| name          | note   | a name that is none of a chunk                                                         |

Lives here: what is true of the files. Must not live here: words for people (cli), changes to anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from cordwood.model.raftlog_errors import ChunkHole, RaftLogRefusal
from cordwood.raftlog.chunk import DOUBT_NAME, Chunk, find_chunks
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.contents import Contents
from cordwood.raftlog.dump import RecordRow, dump_chunk, open_chunks
from cordwood.raftlog.records import RaftLogState, RecordCodec, State
from cordwood.raftlog.recovery import removable

if TYPE_CHECKING:
    from cordwood.env.disk import Disk
    from cordwood.raftlog.codecs import RaftTypes
    from cordwood.raftlog.dump import ChunkSource, DamageRow

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")

_NOTHING_STAYS: Final = 1 << 64
"""A boundary of the cache above every record: verification keeps no payload."""


class Level(StrEnum):
    """How much a finding matters."""

    DAMAGE = "damage"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, and where: `position` counts in the file."""

    level: Level
    code: str
    path: str
    position: int | None
    message: str


@dataclass(slots=True)
class Report:
    """What verification saw."""

    path: str
    chunks: int = 0
    records: int = 0
    size_bytes: int = 0
    entries: int = 0
    """Entries that are held at the end: neither truncated nor purged."""
    state: RaftLogState[Any, Any, Any] = field(default_factory=RaftLogState)
    """The state at the end."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def damage(self) -> list[Finding]:
        """The findings that opening would refuse, or that no crash explains."""
        return [finding for finding in self.findings if finding.level is Level.DAMAGE]


def verify_directory(
    disk: Disk, path: str, types: RaftTypes[Any, Any, Any, Any], progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Checks every record in a directory, which the caller owns; goes on behind damage with the next chunk.

    `progress` hears of the bytes that were checked since it last did. Raises StorageFailed.
    """
    names = disk.list(path)
    starts, warnings = find_chunks(names)
    check = _Check(RecordCodec(types), Report(path))
    for warning in warnings:
        check.note("name", path, None, warning)
    if DOUBT_NAME in names:
        check.note("doubt", path, None, "a sync failed, and the log was not opened since")
    sources = open_chunks(disk, path, starts)
    for source in sources:
        check.chunk(source, is_first=source is sources[0], is_last=source is sources[-1])
        progress(source.size_bytes)
    check.finish()
    return check.report


class _Check(Generic[L, V, P, U]):
    """The chunks seen so far, and what they come to."""

    def __init__(self, codec: RecordCodec[L, V, P, U], report: Report) -> None:
        self.codec = codec
        self.report = report
        self.contents: Contents[L, V, P, U] = Contents(codec.types, RaftLogConfig(cache_max_items=0))
        self.contents.cache.allow_below(_NOTHING_STAYS)
        self.chunks: list[Chunk] = []
        self.is_whole = True
        """Whether nothing was lost before this place, so that the state is known."""

    def note(self, code: str, path: str, position: int | None, message: str) -> None:
        """Something worth a word."""
        self.report.findings.append(Finding(Level.NOTE, code, path, position, message))

    def damage(self, code: str, path: str, position: int | None, message: str) -> None:
        """Something that should not be."""
        self.report.findings.append(Finding(Level.DAMAGE, code, path, position, message))

    def chunk(self, source: ChunkSource, *, is_first: bool, is_last: bool) -> None:
        """Checks a chunk against those before it."""
        if self.chunks and self.is_whole and self.chunks[-1].end != source.start:
            hole = ChunkHole(self.chunks[-1].path, self.chunks[-1].end, source.start)
            self.damage("hole", hole.path, self.chunks[-1].size_bytes, hole.reason)
            self.is_whole = False
        chunk = Chunk(source.path.rpartition("/")[0], source.start)
        self.chunks.append(chunk)
        self.report.chunks += 1
        self.report.size_bytes += source.size_bytes
        is_read = True
        for row in dump_chunk(self.codec, source, is_last=is_last):
            is_read = self._record(row, chunk, is_first=is_first) if isinstance(row, RecordRow) else self._bad(row)
            if not is_read:
                break
        if not chunk.records and is_read:
            self._headless(chunk, is_first=is_first)
        chunk.closing_state = self.contents.state.snapshot()

    def finish(self) -> None:
        """All chunks were seen."""
        self.report.entries = len(self.contents.entries)
        self.report.state = self.contents.state.snapshot()
        for chunk in removable(self.contents, self.chunks[:-1]):
            self.note("purged", chunk.path, None, "everything in it was purged; opening unlinks it")

    def _record(self, row: RecordRow, chunk: Chunk, *, is_first: bool) -> bool:
        """Whether the chunk can be read on."""
        if not row.number:
            self._head(row, chunk, is_first=is_first)
        try:
            self.contents.replay(row.record, chunk.start + row.start, row.end - row.start)
        except RaftLogRefusal as error:
            self.damage("contradiction", chunk.path, row.start, str(error))
            self.is_whole = False
            return False
        chunk.records += 1
        chunk.end = chunk.start + row.end
        self.report.records += 1
        return True

    def _head(self, row: RecordRow, chunk: Chunk, *, is_first: bool) -> None:
        if not isinstance(row.record, State):
            self.damage("head", chunk.path, 0, f"the chunk begins with {type(row.record).__name__}, not with a state")
        elif self.is_whole and not is_first and row.record.state != self.contents.state.snapshot():
            before = self.contents.state.snapshot()
            self.damage(
                "state", chunk.path, 0, f"the chunk begins with {row.record.state}, the one before ends {before}"
            )
        self.is_whole = True

    def _bad(self, row: DamageRow) -> bool:
        """Whether the chunk can be read on: only in so far as it ends there."""
        if row.is_unfinished:
            self.note("unfinished", row.path, row.position, row.reason)
            return True
        self.damage("record", row.path, row.position, row.reason)
        self.is_whole = False
        return False

    def _headless(self, chunk: Chunk, *, is_first: bool) -> None:
        if is_first and chunk.start:
            self.damage("head", chunk.path, 0, "the only chunk has no whole record, and the log began before it")
        else:
            self.note("unfinished", chunk.path, 0, "the chunk has no whole record; opening begins it again")
