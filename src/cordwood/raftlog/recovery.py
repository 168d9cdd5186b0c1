"""Opening a raft log: reading its chunks back.

| what is found                                            | outcome                                                     |
|----------------------------------------------------------|-------------------------------------------------------------|
| whole valid records, chunk after chunk                   | applied                                                     |
| a chunk that does not begin where the one before it ends | ChunkHole                                                   |
| a bad record in a chunk that is not the last             | CorruptLog: it was durable before the next chunk was made   |
| a bad record in the last chunk                           | tail.py judges: cut, or CorruptLog                          |
| a last chunk without one whole record                    | emptied; it begins again                                    |
| closed chunks wholly below what was purged               | unlinked                                                    |

What was read may be in the page cache only, if a process died that had not synced it. So all chunks are synced before
anybody hears of what is in them, and before purged ones go; if a sync failed before, they are written again first.

Lives here: from files to contents. Must not live here: what a record does (contents.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cordwood.model.errors import CorruptLog
from cordwood.model.raftlog_errors import ChunkHole, InvalidRecord, RaftLogRefusal
from cordwood.raftlog.chunk import Chunk, find_chunks, is_leftover
from cordwood.raftlog.contents import Contents
from cordwood.raftlog.doubt import datasync, is_doubted, trust
from cordwood.raftlog.records import State
from cordwood.raftlog.tail import judge_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.disk import Disk, File
    from cordwood.raftlog.config import RaftLogConfig
    from cordwood.raftlog.records import RaftLogState, RecordCodec

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")

REWRITE_BYTES: Final = 1 << 20
"""How much is read and written again at once."""


@dataclass(slots=True)
class Recovered(Generic[L, V, P, U]):
    """What opening found."""

    contents: Contents[L, V, P, U]
    chunks: list[Chunk]
    """Oldest first."""
    cut_bytes: int
    """So much of the last chunk was cut; if any was, it takes no more records."""
    warnings: tuple[str, ...]
    """Names in the directory that should not be there."""


class _Recovery(Generic[L, V, P, U]):
    def __init__(self, disk: Disk, path: str, codec: RecordCodec[L, V, P, U], config: RaftLogConfig) -> None:
        self.disk = disk
        self.path = path
        self.codec = codec
        self.config = config
        self.contents: Contents[L, V, P, U] = Contents(codec.types, config)
        self.chunks: list[Chunk] = []

    def read(self, starts: list[int]) -> int:
        """Reads all chunks; cuts a torn tail and returns how much it was. Raises CorruptLog, StorageFailed."""
        for start in starts:
            if self.chunks and self.chunks[-1].end != start:
                raise ChunkHole(self.chunks[-1].path, self.chunks[-1].end, start)
            chunk = Chunk(self.path, start)
            chunk.file = self.disk.open(chunk.path)
            self.chunks.append(chunk)
            # Of closed chunks the payloads may go from memory again.
            self.contents.cache.allow_below(start)
            self._replay(chunk, chunk.file, is_last=start == starts[-1])
            chunk.closing_state = self.contents.state.snapshot()
        return self._cut(self.chunks[-1]) if self.chunks else 0

    def _replay(self, chunk: Chunk, file: File, *, is_last: bool) -> None:
        """Applies the whole valid records of a chunk, and notes its end."""
        view = file.view(0, file.size())
        end, start, at = len(view), chunk.start, 0
        decode_entry, replay_entry = self.codec.decode_entry, self.contents.replay_entry
        try:
            while at < end:
                entry = decode_entry(view, at, end) if at else None
                if entry is not None:
                    log_id, payload, stop = entry
                    replay_entry(log_id, payload, start + at, stop - at)
                else:
                    stop = self._replay_one(view, at, end, start)
                at = stop
                chunk.records += 1
        except InvalidRecord as error:
            self._refuse_damage(chunk, view, at, error, is_last=is_last)
        except RaftLogRefusal as error:
            raise CorruptLog(chunk.path, at, f"a record contradicts those before it: {error}") from error
        chunk.end = start + at

    def _replay_one(self, view: memoryview, at: int, end: int, start: int) -> int:
        """Applies a record of any kind; returns where it ends."""
        record, stop = self.codec.decode(view, at, end)
        if at == 0 and not isinstance(record, State):
            raise InvalidRecord(f"the chunk begins with {type(record).__name__}, not with a state")
        self.contents.replay(record, start + at, stop - at)
        return stop

    def _refuse_damage(self, chunk: Chunk, view: memoryview, at: int, error: InvalidRecord, *, is_last: bool) -> None:
        if not is_last:
            raise CorruptLog(chunk.path, at, f"{error.reason}, in a chunk that was closed") from error
        judge_tail(self.codec, chunk.path, view, at, error)
        if not self.config.truncates_incomplete_record:
            raise CorruptLog(chunk.path, at, f"{error.reason}; incomplete records are not to be cut") from error

    def _cut(self, chunk: Chunk) -> int:
        file = chunk.opened
        if not chunk.records and chunk.start and len(self.chunks) == 1:
            raise CorruptLog(chunk.path, 0, "the only chunk has no whole record, and the log began before it")
        cut_bytes = file.size() - chunk.size_bytes
        if cut_bytes:
            file.truncate(chunk.size_bytes)
        return cut_bytes

    def make_durable(self) -> None:
        """Nobody hears of anything that is not on the device. Raises StorageFailed."""
        writes_again = is_doubted(self.disk, self.path)
        for chunk in self.chunks:
            if writes_again:
                _write_again(chunk.opened, chunk.size_bytes)
            datasync(self.disk, self.path, chunk.opened)
        if writes_again:
            trust(self.disk, self.path)
        self.disk.sync_directory(self.path)

    def remove_purged(self) -> None:
        """Unlinks what a purge left behind when its process died. Raises StorageFailed."""
        # A last chunk that begins again has no state yet: the one before it stays.
        whole = [chunk for chunk in self.chunks if chunk.records]
        leftovers = removable(self.contents, whole[:-1])
        for chunk in leftovers:
            self.disk.unlink(chunk.path)
            chunk.opened.close()
        if leftovers:
            self.disk.sync_directory(self.path)
        del self.chunks[: len(leftovers)]

    def close(self) -> None:
        """Gives up."""
        for chunk in self.chunks:
            chunk.opened.close()


def recover(disk: Disk, path: str, codec: RecordCodec[L, V, P, U], config: RaftLogConfig) -> Recovered[L, V, P, U]:
    """Finds out what the directory holds and cuts what was torn. Raises CorruptLog, StorageFailed."""
    names = disk.list(path)
    for name in filter(is_leftover, names):
        disk.unlink(f"{path}/{name}")
    starts, warnings = find_chunks(names)
    recovery = _Recovery(disk, path, codec, config)
    try:
        cut_bytes = recovery.read(starts)
        recovery.make_durable()
        recovery.remove_purged()
    except BaseException:
        recovery.close()
        raise
    return Recovered(recovery.contents, recovery.chunks, cut_bytes, tuple(warnings))


def removable(contents: Contents[L, V, P, U], closed: Sequence[Chunk]) -> Sequence[Chunk]:
    """The oldest closed chunks that lie wholly below what was purged."""
    purged, first = contents.state.purged, contents.entries.first_position
    count = 0
    for chunk in closed:
        if not _is_below(chunk.closing_state, purged) or (first is not None and first < chunk.end):
            break
        count += 1
    return closed[:count]


def _is_below(state: RaftLogState[L, V, U] | None, purged: L | None) -> bool:
    assert state is not None, "a closed chunk has the state at its end"
    return purged is not None and (state.last is None or state.last <= purged)  # type: ignore[operator] # ordered


def _write_again(file: File, size_bytes: int) -> None:
    """The system believes that pages are on the device which a failed sync lost."""
    for start in range(0, size_bytes, REWRITE_BYTES):
        size = min(REWRITE_BYTES, size_bytes - start)
        file.write([file.read(size, start)], start)
