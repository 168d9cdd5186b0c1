"""The swap: a run of neighbouring segments becomes one, and no crash shows anything but the old log or the new one.

      00..000.log  00..300.log  00..500.log                              00..900.log
      |<----------- the run [0, 900) ----------->|                       |
      00..000-00..900.log.cleaned  ─>  00..000-00..900.log.swap  ─>  00..000.log

The name of a new file says what it takes the place of. The store, its two indexes and its aborted transactions go the same
way, the store last.

| step                                                          | if the process dies or the power fails here, opening finds     |
|---------------------------------------------------------------|----------------------------------------------------------------|
| 1. `.cleaned` files written, synced                           | the old segments; it removes the `.cleaned`                     |
| 2. indexes renamed to `.swap`                                 | the old segments; it removes a `.swap` without the store's      |
| 3. store renamed to `.swap`: the swap is decided              | either of both                                                  |
| 4. directory synced                                           | the store's `.swap`: it goes on with step 5                     |
| 5. old segments' files renamed to `.deleted`, in any order    | the same                                                       |
| 6. indexes renamed to their final names                       | the same; an index that has its final name stays                |
| 7. store renamed to its final name                            | the new segment                                                |
| 8. directory synced                                           | the new segment                                                |
| 9. readers see the new segment                                | the new segment                                                |
| 10. `.deleted` files unlinked, `file.delete.delay.ms` later   | leftovers, which it removes                                     |

A file system that keeps the order of renames could do without step 4; it is there for those that do not.

Steps 2 to 9 are taken under the lock that moves the bounds of a log. A failure among them ends the writing to the log,
and the next opening finishes the swap. Readers who are in an old segment go on in its files, which stay open for them.

Lives here: names, and the steps 2 to 8. Must not live here: what is in the files (writer.py), the log's own view of its
segments (ends.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.backend import NAME_DIGITS, DirectoryBackend, FileKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.env.disk import Disk
    from cordwood.log.backend import Backend

CLEANED_SUFFIX: Final = ".cleaned"
SWAP_SUFFIX: Final = ".swap"

_KINDS: Final = (FileKind.INDEX, FileKind.TIME_INDEX, FileKind.ABORTED, FileKind.STORE)
"""In the order in which they are renamed. Aborted transactions have a file if one of the old segments had."""

_NAME: Final = re.compile(rf"(\d{{{NAME_DIGITS}}})-(\d{{{NAME_DIGITS}}})(\.[a-z]+)({CLEANED_SUFFIX}|{SWAP_SUFFIX})")


_DECISION: Final = FileKind.STORE + SWAP_SUFFIX


class Run(NamedTuple):
    """The offsets [start, end) of neighbouring segments."""

    start: int
    end: int

    def file_name(self, kind: FileKind, suffix: str) -> str:
        """The name of a file that is to take the place of the run."""
        return f"{self.start:0{NAME_DIGITS}d}-{self.end:0{NAME_DIGITS}d}{kind}{suffix}"


class CleanedFiles(DirectoryBackend):
    """The storage of the one segment that is to take the place of a run."""

    def __init__(self, disk: Disk, path: str, run: Run) -> None:
        super().__init__(disk, path)
        self._run = run

    def path_of(self, offset: int, kind: FileKind) -> str:
        return f"{self.path}/{self._run.file_name(kind, CLEANED_SUFFIX)}"

    def discard(self) -> None:
        """Removes what there is of it."""
        for kind in _KINDS:
            if self.exists(self._run.start, kind):
                self._unlink(self.path_of(self._run.start, kind))


def swap(disk: Disk, backend: Backend, run: Run, old: Iterable[int]) -> None:
    """Puts the cleaned files in the place of the segments at the offsets `old`, all of the run. Raises StorageFailed."""
    for kind in _KINDS:
        cleaned = run.file_name(kind, CLEANED_SUFFIX)
        if kind is not FileKind.ABORTED or disk.exists(f"{backend.path}/{cleaned}"):
            _rename(disk, backend.path, cleaned, run.file_name(kind, SWAP_SUFFIX))
    backend.sync()
    _finish(disk, backend, run, old)


def decided_swaps(names: Iterable[str]) -> set[Run]:
    """The runs whose swap was decided and not finished, by the names in the directory of a log."""
    found = [match for name in names if (match := _NAME.fullmatch(name))]
    return {Run(int(match[1]), int(match[2])) for match in found if match[3] + match[4] == _DECISION}


def recover_swaps(disk: Disk, backend: Backend) -> None:
    """Finishes the swaps that were decided when the log was left, and removes what there is of others."""
    found = [(name, match) for name in disk.list(backend.path) if (match := _NAME.fullmatch(name))]
    decided = decided_swaps(name for name, _ in found)
    for name, match in found:
        if match[4] == CLEANED_SUFFIX or Run(int(match[1]), int(match[2])) not in decided:
            disk.unlink(f"{backend.path}/{name}")
    if found:
        backend.sync()
    for run in sorted(decided):
        bases = {offset for kind in _KINDS for offset in backend.list(kind)}
        _finish(disk, backend, run, sorted(offset for offset in bases if run.start <= offset < run.end))


def _finish(disk: Disk, backend: Backend, run: Run, old: Iterable[int]) -> None:
    """Steps 5 to 8; takes no notice of those that were taken before."""
    waiting = [kind for kind in _KINDS if disk.exists(f"{backend.path}/{run.file_name(kind, SWAP_SUFFIX)}")]
    for offset in old:
        for kind in _KINDS:
            if offset != run.start or kind in waiting:
                backend.remove(offset, kind)
    for kind in waiting:
        _rename(disk, backend.path, run.file_name(kind, SWAP_SUFFIX), f"{run.start:0{NAME_DIGITS}d}{kind}")
    backend.sync()


def _rename(disk: Disk, directory: str, source: str, target: str) -> None:
    disk.rename(f"{directory}/{source}", f"{directory}/{target}")
