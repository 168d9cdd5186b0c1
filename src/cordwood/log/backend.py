"""Where the files of a log's segments live.

Lives here: the `Backend` Protocol and the directory on a disk. Must not live here: what is inside the files, and when
one is removed. Another backend (an object store for old segments) implements the same few operations.

A removed file is gone at once for the log and its next opening, but its bytes go later, in `clean`: unlinking a gigabyte
takes the file system a while, and readers keep what they have open.

| step of a removal                  | if the process dies here                                              |
|------------------------------------|-----------------------------------------------------------------------|
| the caller moved its bounds        | the files lie outside of the bounds: opening removes them              |
| rename to `<name>.deleted`         | opening finds leftovers, and indexes without a store: it removes them  |
| `clean`: unlink, directory fsync   | nothing is left                                                       |
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from cordwood.log.checkpoint import NEW_SUFFIX
from cordwood.model.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from cordwood.env.disk import Disk, File

DELETED_SUFFIX: Final = ".deleted"
CUT_SUFFIX: Final = ".cut"  # What the disk leaves when it dies in the middle of a truncation (env.disk).
DOUBT_NAME: Final = "sync-failed"
NAME_DIGITS: Final = 20


class FileKind(StrEnum):
    """The files of a segment, by suffix."""

    STORE = ".log"
    INDEX = ".idx"
    TIME_INDEX = ".timeidx"
    ABORTED = ".txnidx"
    SNAPSHOT = ".snapshot"


SEGMENT_KINDS: Final = (FileKind.STORE, FileKind.INDEX, FileKind.TIME_INDEX, FileKind.ABORTED)
"""What goes with a segment."""


class Backend(Protocol):
    """The storage of one log's segments. A file is named by the offset it begins at and its kind."""

    @property
    def path(self) -> str:
        """Names the storage in errors, and to those who look for it."""
        ...

    def list(self, kind: FileKind) -> list[int]:
        """The offsets at which there is such a file, sorted."""
        ...

    def listed_once(self) -> AbstractContextManager[None]:
        """Until its end nobody but the caller, by way of this backend, makes or removes files: it need not look again."""
        ...

    def path_of(self, offset: int, kind: FileKind) -> str:
        """How people call the file."""
        ...

    def exists(self, offset: int, kind: FileKind) -> bool:
        """Whether there is such a file."""
        ...

    def open(self, offset: int, kind: FileKind, *, create: bool = False) -> File:
        """Opens a file; with `create` makes a missing one, durable after `sync`."""
        ...

    def remove(self, offset: int, kind: FileKind) -> None:
        """Takes a file away; a missing one is no error."""
        ...

    def sync(self) -> None:
        """Returns when all creations and removals are durable."""
        ...

    @property
    def is_doubted(self) -> bool:
        """Whether what is read may not be on the device: a sync of a store failed since the machine started."""
        ...

    def doubt(self) -> None:
        """Remembers that a sync failed, for as long as the page cache hides it. Never fails."""
        ...

    def trust(self) -> None:
        """Forgets it: everything was written again and synced."""
        ...

    def clean(self, *, opening: bool = False) -> int:
        """Frees the room of what was removed; returns how many files went. Any thread may call it.

        With `opening` nobody works on the log yet, and whatever a crash left half done goes too.
        """
        ...


class DirectoryBackend:
    """Segments as files in one directory of a disk."""

    __slots__ = ("_disk", "_generation", "_names", "_path")

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self._path = path
        self._generation = 0
        self._names: Sequence[str] | None = None
        """What lies in the directory, while it is known."""

    @property
    def path(self) -> str:
        return self._path

    def list(self, kind: FileKind) -> list[int]:
        names = self._disk.list(self._path) if self._names is None else self._names
        stems = [name.removesuffix(kind) for name in names if name.endswith(kind)]
        return sorted(int(stem) for stem in stems if len(stem) == NAME_DIGITS and stem.isdecimal())

    def path_of(self, offset: int, kind: FileKind) -> str:
        return f"{self._path}/{offset:0{NAME_DIGITS}d}{kind}"

    @contextmanager
    def listed_once(self) -> Iterator[None]:
        self._names = self._disk.list(self._path)
        try:
            yield
        finally:
            self._names = None

    def _relist(self) -> None:
        if self._names is not None:
            self._names = self._disk.list(self._path)

    def exists(self, offset: int, kind: FileKind) -> bool:
        return self._disk.exists(self.path_of(offset, kind))

    def open(self, offset: int, kind: FileKind, *, create: bool = False) -> File:
        path = self.path_of(offset, kind)
        file = self._disk.open(path, create=create)
        if create and self._names is not None and path.rpartition("/")[2] not in self._names:
            self._relist()
        return file

    def remove(self, offset: int, kind: FileKind) -> None:
        path = self.path_of(offset, kind)
        if self._disk.exists(path):
            # The number keeps apart two files of one name that both wait to be cleaned.
            self._generation += 1
            self._disk.rename(path, f"{path}.{self._generation}{DELETED_SUFFIX}")
            self._relist()

    def sync(self) -> None:
        self._disk.sync_directory(self._path)

    @property
    def is_doubted(self) -> bool:
        return self._disk.exists(f"{self._path}/{DOUBT_NAME}")

    def doubt(self) -> None:
        try:
            # Not synced: a power failure takes the page cache, and with it the reason to doubt.
            self._disk.open(f"{self._path}/{DOUBT_NAME}", create=True).close()
        except StorageFailed:
            return  # Where no file can be made, nothing will be appended after a restart either.

    def trust(self) -> None:
        self._unlink(f"{self._path}/{DOUBT_NAME}")

    def clean(self, *, opening: bool = False) -> int:
        suffixes = (DELETED_SUFFIX, CUT_SUFFIX, NEW_SUFFIX) if opening else (DELETED_SUFFIX,)
        leftovers = [name for name in self._disk.list(self._path) if name.endswith(suffixes)]
        for name in leftovers:
            self._unlink(f"{self._path}/{name}")
        if leftovers:
            self._disk.sync_directory(self._path)
            self._relist()
        return len(leftovers)

    def _unlink(self, path: str) -> None:
        try:
            self._disk.unlink(path)
        except StorageFailed:
            if self._disk.exists(path):
                raise
            # Another thread was faster: it is gone all the same.
