"""Which files there are: of one log, and which logs lie under a directory.

A compaction that was decided but whose files have not got their names yet (log/compaction/swap.py) counts as done, as the
next opening makes it so.

Lives here: names, and what they say. Must not live here: what is in the files.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.backend import CUT_SUFFIX, DELETED_SUFFIX, DOUBT_NAME, NAME_DIGITS, SEGMENT_KINDS, FileKind
from cordwood.log.checkpoint import NEW_SUFFIX
from cordwood.log.compaction.first_dirty import COMPACTION_NAME
from cordwood.log.compaction.swap import CLEANED_SUFFIX, SWAP_SUFFIX, decided_swaps
from cordwood.log.manager import CLEAN_MARKER
from cordwood.log.meta import META_NAME
from cordwood.log.recovery import EPOCHS_NAME
from cordwood.model.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.env.disk import Disk
    from cordwood.log.compaction.swap import Run

LOCK_NAME: Final = "LOCK"

_KNOWN: Final = frozenset({META_NAME, EPOCHS_NAME, COMPACTION_NAME, DOUBT_NAME, LOCK_NAME})
_LEFTOVER_SUFFIXES: Final = (DELETED_SUFFIX, CUT_SUFFIX, NEW_SUFFIX, CLEANED_SUFFIX, SWAP_SUFFIX)


class Content(StrEnum):
    """What a file of a log holds."""

    STORE = "store"
    INDEX = "index"
    TIME_INDEX = "time-index"
    ABORTED = "aborted-transactions"
    SNAPSHOT = "snapshot"
    EPOCHS = "leader-epochs"
    META = "partition.meta"
    COMPACTION = "compaction"


_BY_NAME: Final = {
    META_NAME: Content.META,
    EPOCHS_NAME: Content.EPOCHS,
    COMPACTION_NAME: Content.COMPACTION,
}
_BY_KIND: Final = {
    FileKind.STORE: Content.STORE,
    FileKind.INDEX: Content.INDEX,
    FileKind.TIME_INDEX: Content.TIME_INDEX,
    FileKind.ABORTED: Content.ABORTED,
    FileKind.SNAPSHOT: Content.SNAPSHOT,
}


def content_of(path: str) -> Content | None:
    """What a file of this name holds, also when it was removed or half replaced; None for a file of no log."""
    name = path.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith(DELETED_SUFFIX):
        name = name.removesuffix(DELETED_SUFFIX).rpartition(".")[0]
    for suffix in _LEFTOVER_SUFFIXES:
        name = name.removesuffix(suffix)
    return next((content for kind, content in _BY_KIND.items() if name.endswith(kind)), None)


def offset_of(path: str) -> int | None:
    """The offset in the name of a segment's file, or None."""
    stem = path.rpartition("/")[2][:NAME_DIGITS]
    return int(stem) if len(stem) == NAME_DIGITS and stem.isascii() and stem.isdecimal() else None


class LogFiles(NamedTuple):
    """The files of one log, from one look at its directory. Offsets are sorted."""

    path: str
    names: frozenset[str]
    offsets: dict[FileKind, tuple[int, ...]]
    waiting: dict[tuple[int, FileKind], str]
    """The names of compacted files that have not got their own ones yet."""

    @classmethod
    def look(cls, disk: Disk, path: str) -> LogFiles:
        """Raises StorageFailed."""
        names = frozenset(disk.list(path))
        offsets = {kind: _offsets(names, kind) for kind in FileKind}
        waiting: dict[tuple[int, FileKind], str] = {}
        for run in decided_swaps(names):
            _finish_swap(run, names, offsets, waiting)
        return cls(path, names, {kind: tuple(sorted(found)) for kind, found in offsets.items()}, waiting)

    @property
    def stores(self) -> tuple[int, ...]:
        """The base offsets of the segments."""
        return self.offsets[FileKind.STORE]

    @property
    def has_meta(self) -> bool:
        """Whether there is a `partition.meta`."""
        return META_NAME in self.names

    @property
    def has_epochs(self) -> bool:
        """Whether there is a `leader-epochs`."""
        return EPOCHS_NAME in self.names

    @property
    def leftovers(self) -> list[str]:
        """Names of files that were removed or half replaced: an opening, or who runs the log, takes care of them."""
        return sorted(name for name in self.names if name.endswith(_LEFTOVER_SUFFIXES))

    @property
    def strangers(self) -> list[str]:
        """Names of files that no log makes."""
        return sorted(name for name in self.names if not _is_ours(name))

    def has(self, offset: int, kind: FileKind) -> bool:
        """Whether there is such a file."""
        return offset in self.offsets[kind]

    def path_of(self, offset: int, kind: FileKind) -> str:
        """The path of a segment's file."""
        name = self.waiting.get((offset, kind)) or f"{offset:0{NAME_DIGITS}d}{kind}"
        return f"{self.path}/{name}"

    def in_order(self) -> list[str]:
        """The paths of all files that can be dumped: what the log knows of itself, then segment by segment."""
        known = [name for name in _BY_NAME if name in self.names]
        numbered = [(offset, 0, FileKind.SNAPSHOT) for offset in self.offsets[FileKind.SNAPSHOT]]
        numbered += [
            (offset, rank, kind) for rank, kind in enumerate(SEGMENT_KINDS, 1) for offset in self.offsets[kind]
        ]
        return [f"{self.path}/{name}" for name in known] + [
            self.path_of(offset, kind) for offset, _, kind in sorted(numbered)
        ]


def _finish_swap(
    run: Run, names: frozenset[str], offsets: dict[FileKind, set[int]], waiting: dict[tuple[int, FileKind], str]
) -> None:
    """One segment takes the place of a run, as `recover_swaps` does it on the disk."""
    for kind in SEGMENT_KINDS:
        offsets[kind] -= {offset for offset in offsets[kind] if run.start < offset < run.end}
        name = run.file_name(kind, SWAP_SUFFIX)
        if name in names:  # Else it has its final name already.
            offsets[kind].add(run.start)
            waiting[run.start, kind] = name


def _offsets(names: Iterable[str], kind: FileKind) -> set[int]:
    stems = [name.removesuffix(kind) for name in names if name.endswith(kind)]
    return {int(stem) for stem in stems if len(stem) == NAME_DIGITS and stem.isascii() and stem.isdecimal()}


def _is_ours(name: str) -> bool:
    if name in _KNOWN or name.endswith(_LEFTOVER_SUFFIXES):
        return True
    kind = next((kind for kind in FileKind if name.endswith(kind)), None)
    return kind is not None and bool(_offsets([name], kind))


def is_log(names: list[str]) -> bool:
    """Whether these are the names in the directory of a log."""
    return META_NAME in names or any(_offsets([name], FileKind.STORE) for name in names)


def is_data_directory(names: list[str]) -> bool:
    """Whether a broker, or another program with many logs, keeps its logs in a directory with these names."""
    return not is_log(names) and (LOCK_NAME in names or CLEAN_MARKER in names)


def names_in(disk: Disk, path: str) -> list[str] | None:
    """The names in a directory, or None where there is no directory."""
    try:
        return disk.list(path)
    except StorageFailed:
        return None


def find_logs(disk: Disk, path: str) -> list[str]:
    """The directories of logs at `path` or right below it, without those that were deleted or set aside."""
    names = names_in(disk, path)
    if names is None:
        return []
    if is_log(names):
        return [path]
    below = [f"{path}/{name}" for name in names if not name.startswith(".")]
    return [directory for directory in below if is_log(names_in(disk, directory) or [])]
