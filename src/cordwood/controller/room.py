"""Whether there is room for one more command.

A raft log that meets a full disk is finished until it is opened again, and the node with it. So a node proposes nothing
that might not find room on its own disk.

Lives here: that look. Must not live here: what the partitions may take (`replica.directory`).
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from cordwood.model.errors import DiskFull

if TYPE_CHECKING:
    from cordwood.env.disk import Disk

KEPT_BYTES: Final = 16 << 10
"""So much stays free beside a command: for votes, marks of what is committed, and the metadata of the file system."""


class Room:
    """The file system under one directory."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self._path = path

    def check(self, size_bytes: int) -> None:
        """Makes sure that so many bytes may be written. Raises DiskFull, StorageFailed."""
        if self._disk.free_bytes(self._path) < size_bytes + KEPT_BYTES:
            cause = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise DiskFull(self._path, f"a write of {size_bytes} bytes that keeps {KEPT_BYTES} free", cause)
