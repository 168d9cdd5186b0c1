"""What a raft log tells of itself.

Lives here: values. Must not live here: counting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cordwood.raftlog.chunk import Chunk
    from cordwood.raftlog.records import RaftLogState


class Span(NamedTuple):
    """Bytes of the whole log: what a call wrote."""

    start: int
    end: int


class AccessStat(NamedTuple):
    """How often a read found an entry in memory, and how often not."""

    hits: int
    misses: int


@dataclass(frozen=True, slots=True)
class ChunkStat:
    """One chunk."""

    start: int
    end: int
    records: int
    state: RaftLogState[Any, Any, Any]
    """At its end."""

    @classmethod
    def of(cls, chunk: Chunk, state: RaftLogState[Any, Any, Any]) -> ChunkStat:
        """What is known of a chunk."""
        return cls(chunk.start, chunk.end, chunk.records, state)

    @classmethod
    def of_closed(cls, chunk: Chunk) -> ChunkStat:
        """What is known of a closed chunk."""
        assert chunk.closing_state is not None, f"{chunk.path} is closed, but has no state at its end"
        return cls.of(chunk, chunk.closing_state)

    @property
    def size_bytes(self) -> int:
        """Bytes of its records."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Stat:
    """One moment of a log."""

    closed_chunks: tuple[ChunkStat, ...]
    open_chunk: ChunkStat
    entries: int
    synced: int
    """The offset below which everything is durable."""
    unwritten_bytes: int
    syncs: int
    """How many times the device was waited for."""
    cache_items: int
    cache_max_items: int
    cache_bytes: int
    cache_capacity_bytes: int
    cache_boundary: int
    """Entries whose records lie below may go from memory."""
    cache_hits: int
    cache_misses: int
