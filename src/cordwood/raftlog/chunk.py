"""Chunks: the files of a raft log, each named by the offset of its first byte in the whole log.

      r-00_000_000_000_000_000_000.wal     r-00_000_000_000_000_000_161.wal
      0                               161                              324
      +-------+--------+ ... +--------+-------+--------+ ... +---------+
      | State | record |     | record | State | record |     | record  |
      +-------+--------+ ... +--------+-------+--------+ ... +---------+

The first record is the state at that place, so any suffix of the chunks is a log by itself.

Lives here: names, and what is known of a chunk. Must not live here: when one is closed (wal.py), how one is read back
(recovery.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.disk import File
    from cordwood.raftlog.records import RaftLogState

LOCK_NAME: Final = "LOCK"
DOUBT_NAME: Final = "sync-failed"
"""A file of this name says that the page cache may show what the device does not have."""

CUT_SUFFIX: Final = ".cut"
"""What the disk leaves behind a chunk's name when it dies in the midst of a cut (env.disk)."""

_NAME: Final = re.compile(r"r-([0-9]{2}(?:_[0-9]{3}){6})\.wal")
_OFFSET_LIMIT: Final = 1 << 64


def offset_text(offset: int) -> str:
    """An offset of the whole log: 20 digits in groups of three."""
    return f"{offset:026_}"


def chunk_name(start: int) -> str:
    """The name of the chunk that begins at an offset."""
    return f"r-{offset_text(start)}.wal"


def chunk_start(name: str) -> int | None:
    """The offset in a chunk's name; None for any other name."""
    match = _NAME.fullmatch(name)
    start = int(match[1]) if match else _OFFSET_LIMIT
    return start if start < _OFFSET_LIMIT else None


def is_leftover(name: str) -> bool:
    """Whether this is what an interrupted cut left."""
    return name.endswith(CUT_SUFFIX) and chunk_start(name.removesuffix(CUT_SUFFIX)) is not None


def find_chunks(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """The chunks among the names in a directory, sorted, and warnings of names that should not be there."""
    starts, warnings = [], []
    for name in names:
        start = chunk_start(name)
        if start is not None:
            starts.append(start)
        elif name not in {LOCK_NAME, DOUBT_NAME} and not is_leftover(name):
            warnings.append(f"{name} is ignored: it is no name of a chunk, such as {chunk_name(0)}")
    return sorted(starts), warnings


class Chunk:
    """One chunk. Until its bytes are first written it has no file."""

    __slots__ = ("closing_state", "end", "file", "path", "records", "start")

    def __init__(self, directory: str, start: int, file: File | None = None) -> None:
        self.path = f"{directory}/{chunk_name(start)}"
        self.start = start
        self.end = start
        """The offset in the whole log after its last record."""
        self.records = 0
        self.file = file
        self.closing_state: RaftLogState[Any, Any, Any] | None = None
        """The state at its end, once it is closed."""

    @property
    def size_bytes(self) -> int:
        """Bytes of its records, written or not."""
        return self.end - self.start

    @property
    def opened(self) -> File:
        """Its file, which it has from the first write on."""
        assert self.file is not None, f"{self.path} has no file yet"
        return self.file
