"""The settings of one raft log.

Lives here: values, checked once, all mistakes at once. Must not live here: where they come from (model.settings).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordwood.model.errors import InvalidConfig

_NO_LIMIT: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class RaftLogConfig:
    """How a raft log rotates, caches and syncs. Raises InvalidConfig which names every mistake."""

    cache_max_items: int = 100_000
    """So many entries are kept in memory, and those of the open chunk."""
    cache_capacity_bytes: int = 1 << 30
    """Their payloads are kept up to this size."""
    chunk_max_records: int = 1 << 20
    """A chunk is closed when it has this many records."""
    chunk_max_bytes: int = 1 << 30
    """A chunk is closed when it has this size."""
    truncates_incomplete_record: bool = True
    """Whether opening cuts a torn tail; else it is an error."""
    gather_ms: float = 1.0
    """The longest time that the flush worker waits for as many flushes as it served last."""
    gather_max_items: int = 2048
    """With so many it waits no longer."""
    unwritten_max_bytes: int = 16 << 20
    """The call that leaves more records than this unwritten returns only when they are written."""
    truncates_committed: bool = False
    """The lax mode of early releases: committed entries may be truncated."""

    def __post_init__(self) -> None:
        mistakes = [
            f"{name} is {value}, but must lie in [{low}, {high}]"
            for name, value, low, high in (
                ("cache_max_items", self.cache_max_items, 0, _NO_LIMIT),
                ("cache_capacity_bytes", self.cache_capacity_bytes, 0, _NO_LIMIT),
                ("chunk_max_records", self.chunk_max_records, 2, _NO_LIMIT),
                ("chunk_max_bytes", self.chunk_max_bytes, 1, _NO_LIMIT),
                ("gather_ms", self.gather_ms, 0, 1000),
                ("gather_max_items", self.gather_max_items, 1, 1 << 20),
                ("unwritten_max_bytes", self.unwritten_max_bytes, 0, 1 << 40),
            )
            if not low <= value <= high
        ]
        if mistakes:
            raise InvalidConfig("; ".join(mistakes))
