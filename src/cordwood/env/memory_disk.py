"""A disk in memory: for tests and throw-away brokers.

Lives here: a name space over anonymous files, so that reads, views and truncation are the very code of the local disk.
Must not live here: faults; the disk that loses, tears and fails is `sim.disk`.
"""

from __future__ import annotations

import errno
import os
import tempfile

from cordwood.env.disk import File, LocalFile, Lock, storage_error
from cordwood.model.errors import DirectoryLocked


class MemoryFile(LocalFile):
    """An anonymous file; it lives for as long as its disk or a view of it does."""

    __slots__ = ()

    def datasync(self) -> None:
        """Nothing to wait for: there is no device."""

    def close(self) -> None:
        """Leaves the bytes on the memory disk, so that the path can be opened again."""

    def discard(self) -> None:
        """Gives the memory back once no view is left."""
        super().close()

    def _truncate_beside_windows(self, size: int) -> None:
        fd = _anonymous(self._path)
        try:
            position = 0
            while position < size:
                position += os.sendfile(fd, self._fd, position, size - position)
            os.dup2(fd, self._fd, inheritable=False)
        finally:
            os.close(fd)


class MemoryLock:
    """The ownership of a directory of a memory disk."""

    def __init__(self, owned: set[str], directory: str) -> None:
        if directory in owned:
            raise DirectoryLocked(directory, "another log in this process")
        owned.add(directory)
        self._owned = owned
        self._directory = directory

    def release(self) -> None:
        self._owned.discard(self._directory)


class MemoryDisk:
    """A file system that vanishes with its process."""

    def __init__(self) -> None:
        self._files: dict[str, MemoryFile] = {}
        self._directories: set[str] = set()
        self._owned: set[str] = set()

    def open(self, path: str, *, create: bool = False) -> File:
        file = self._files.get(path)
        if file is None:
            if not create:
                raise storage_error(path, "open", FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
            file = self._files[path] = MemoryFile(path, _anonymous(path))
        return file

    def exists(self, path: str) -> bool:
        return path in self._files or path in self._directories

    def list(self, directory: str) -> list[str]:
        if directory not in self._directories:
            raise storage_error(directory, "list", FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
        prefix = f"{directory}/"
        paths = [*self._files, *self._directories]
        return sorted(
            {path[len(prefix) :] for path in paths if path.startswith(prefix) and "/" not in path[len(prefix) :]}
        )

    def make_directory(self, path: str) -> None:
        while path and path not in self._directories:
            self._directories.add(path)
            path = os.path.dirname(path)

    def remove_directory(self, path: str) -> None:
        if self.list(path):
            raise storage_error(path, "rmdir", OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY)))
        self._directories.discard(path)

    def rename(self, source: str, target: str) -> None:
        if not self.exists(source):
            raise storage_error(source, "rename", FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
        replaced = self._files.pop(target, None)
        if replaced is not None:
            replaced.discard()
        for path in [path for path in self._files if path == source or path.startswith(f"{source}/")]:
            self._files[target + path[len(source) :]] = self._files.pop(path)
        for path in [path for path in self._directories if path == source or path.startswith(f"{source}/")]:
            self._directories.discard(path)
            self._directories.add(target + path[len(source) :])

    def unlink(self, path: str) -> None:
        file = self._files.pop(path, None)
        if file is None:
            raise storage_error(path, "unlink", FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
        file.discard()

    def sync_directory(self, path: str) -> None:
        """Nothing to wait for: there is no device."""

    def lock(self, directory: str) -> Lock:
        return MemoryLock(self._owned, directory)

    def free_bytes(self, path: str) -> int:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _anonymous(path: str) -> int:
    """A file descriptor of a file without a name."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(path.rpartition("/")[2], os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
