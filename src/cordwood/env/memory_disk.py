"""A disk in memory: for tests and throw-away brokers.

Lives here: a name space over anonymous files, so that reads, views and truncation are the very code of the local disk.
Must not live here: faults; the disk that loses, tears and fails is `sim.disk`.
"""

from __future__ import annotations

import errno
import os
from typing import Final

from cordwood.env.disk import File, LocalFile, Lock, copy_beginning, storage_error
from cordwood.model.errors import DirectoryLocked, StorageFailed

_ROOTS: Final = frozenset({"", ".", "/"})


class MemoryNode:
    """The bytes of a file, whatever its name; they live for as long as a name, an open file or a view of them does."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __del__(self) -> None:
        os.close(self.fd)


class MemoryFile(LocalFile):
    """An open file of a memory disk."""

    __slots__ = ("_node",)

    def __init__(self, path: str, fd: int, node: MemoryNode) -> None:
        super().__init__(path, fd)
        self._node = node

    def datasync(self) -> None:
        """There is no device to wait for; a closed file fails as on other disks."""
        self.size()

    def _truncate_beside_windows(self, size: int) -> None:
        copy = MemoryNode(_anonymous())
        copy_beginning(self._fd, copy.fd, size)
        os.dup2(copy.fd, self._node.fd, inheritable=False)
        os.dup2(copy.fd, self._fd, inheritable=False)


class MemoryLock:
    """The ownership of a directory of a memory disk."""

    def __init__(self, owners: set[str], directory: str) -> None:
        if directory in owners:
            raise DirectoryLocked(directory, f"process {os.getpid()}")
        owners.add(directory)
        self._owners = owners
        self._directory: str | None = directory

    def release(self) -> None:
        directory, self._directory = self._directory, None
        if directory is not None:
            self._owners.discard(directory)


class MemoryDisk:
    """A file system that vanishes with its process."""

    def __init__(self) -> None:
        self._files: dict[str, MemoryNode] = {}
        self._directories: set[str] = set(_ROOTS)
        self._owners: set[str] = set()

    def open(self, path: str, *, create: bool = False) -> File:
        if path in self._directories or path.endswith("/"):
            raise _failure(path, "open", errno.EISDIR)
        if path not in self._files and (not create or os.path.dirname(path) not in self._directories):
            raise _failure(path, "open", errno.ENOENT)
        try:
            node = self._files.get(path) or MemoryNode(_anonymous())
            file = MemoryFile(path, os.dup(node.fd), node)
        except OSError as error:
            raise storage_error(path, "open", error) from error
        self._files[path] = node
        return file

    def exists(self, path: str) -> bool:
        return path in self._files or path in self._directories

    def list(self, directory: str) -> list[str]:
        if directory not in self._directories:
            raise _failure(directory, "list", errno.ENOENT)
        paths = {*self._files, *self._directories} - _ROOTS
        return sorted(os.path.basename(path) for path in paths if (os.path.dirname(path) or ".") == (directory or "."))

    def make_directory(self, path: str) -> None:
        missing = []
        while path not in self._directories:
            if path in self._files:
                raise _failure(path, "mkdir", errno.EEXIST)
            missing.append(path)
            path = os.path.dirname(path)
        self._directories.update(missing)

    def remove_directory(self, path: str) -> None:
        if self.list(path):
            raise _failure(path, "rmdir", errno.ENOTEMPTY)
        self._directories.discard(path)

    def rename(self, source: str, target: str) -> None:
        number = self._rename_obstacle(source, target)
        if number:
            raise _failure(source, f"rename to {target}", number)
        inside = f"{source}/"
        for path in [path for path in self._files if path == source or path.startswith(inside)]:
            self._files[target + path[len(source) :]] = self._files.pop(path)
        for path in [path for path in self._directories if path == source or path.startswith(inside)]:
            self._directories.discard(path)
            self._directories.add(target + path[len(source) :])

    def _rename_obstacle(self, source: str, target: str) -> int:
        """The number of the error that a rename meets, 0 for none."""
        if not self.exists(source) or os.path.dirname(target) not in self._directories:
            return errno.ENOENT
        if source == target:
            return 0
        if target in self._directories:
            return errno.EISDIR if source in self._files else errno.ENOTEMPTY if self.list(target) else 0
        return errno.ENOTDIR if source in self._directories and target in self._files else 0

    def unlink(self, path: str) -> None:
        if self._files.pop(path, None) is None:
            raise _failure(path, "unlink", errno.EISDIR if path in self._directories else errno.ENOENT)

    def sync_directory(self, path: str) -> None:
        if path not in self._directories:
            raise _failure(path, "fsync", errno.ENOENT)

    def lock(self, directory: str) -> Lock:
        if directory not in self._directories:
            raise _failure(f"{directory}/LOCK", "open", errno.ENOENT)
        return MemoryLock(self._owners, directory)

    def total_bytes(self, path: str) -> int:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    def free_bytes(self, path: str) -> int:
        if not self.exists(path):
            raise _failure(path, "statvfs", errno.ENOENT)
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _anonymous() -> int:
    """The descriptor of a file without a name."""
    return os.memfd_create("cordwood", os.MFD_CLOEXEC)


def _failure(path: str, operation: str, number: int) -> StorageFailed:
    return storage_error(path, operation, OSError(number, os.strerror(number)))
