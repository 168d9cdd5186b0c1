"""The local disk for those who only look: files are opened for reading, and nothing else is done.

It reads what belongs to another user, on a file system that is read-only, and beside a broker that writes. Lives here:
that disk. Must not live here: anything that reads.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from cordwood.env.disk import LocalDisk, LocalFile, storage_error

if TYPE_CHECKING:
    from typing import NoReturn

    from cordwood.env.disk import File, Lock


class ReadOnlyDisk(LocalDisk):
    """The disk of the operating system, of which nothing is changed: whatever would change it raises StorageFailed."""

    def open(self, path: str, *, create: bool = False) -> File:
        if create:
            _refuse(path, "create")
        try:
            return LocalFile(path, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            raise storage_error(path, "open", error) from error

    def make_directory(self, path: str) -> None:
        _refuse(path, "mkdir")

    def remove_directory(self, path: str) -> None:
        _refuse(path, "rmdir")

    def rename(self, source: str, target: str) -> None:
        _refuse(source, f"rename to {target}")

    def unlink(self, path: str) -> None:
        _refuse(path, "unlink")

    def lock(self, directory: str) -> Lock:
        _refuse(directory, "lock")


def _refuse(path: str, operation: str) -> NoReturn:
    error = OSError(errno.EROFS, os.strerror(errno.EROFS))
    raise storage_error(path, operation, error)
