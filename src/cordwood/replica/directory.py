"""One data directory: what may still be written to it, and whether it failed.

Lives here: the budget of bytes and the failure of a directory. Must not live here: its files.

A directory keeps `reserve_bytes` free, so that the metadata can be written when the partitions no longer can. Asking
the file system for every batch would cost more than the batch, so a budget is drawn in steps: what was free when it was
last asked, less the reserve, one step at most.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from typing import Final

from cordwood.env.disk import Disk
from cordwood.model.errors import DiskFull, StorageFailed

logger = logging.getLogger(__name__)

STEP_BYTES: Final = 16 << 20


class Directory:
    """A data directory as its partitions see it. Used on the event loop's thread."""

    __slots__ = ("_disk", "_left_bytes", "_reserve_bytes", "_tell", "failure", "path")

    def __init__(self, path: str, disk: Disk, reserve_bytes: int, tell: Callable[[Directory], None]) -> None:
        self.path = path
        self.failure: StorageFailed | None = None
        self._disk = disk
        self._reserve_bytes = reserve_bytes
        self._tell = tell
        self._left_bytes = 0

    def spend(self, size_bytes: int) -> None:
        """Makes sure that so many bytes may be written. Raises DiskFull, or StorageFailed when the directory failed."""
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            self._left_bytes = 0
            self._draw(size_bytes)

    def check_room(self, size_bytes: int) -> None:
        """Finds out whether `spend` would succeed, and spends nothing. Raises as it."""
        if self._left_bytes < size_bytes:
            self._draw(size_bytes)
            self._left_bytes += size_bytes

    def _draw(self, size_bytes: int) -> None:
        room = self.room_bytes()
        if room < size_bytes:
            cause = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise DiskFull(self.path, f"keeping disk.reserve.bytes={self._reserve_bytes} free", cause)
        self._left_bytes = min(room, max(STEP_BYTES, size_bytes)) - size_bytes

    def room_bytes(self) -> int:
        """What may be written before only the reserve is left. A directory that is gone fails. Raises StorageFailed."""
        if self.failure is not None:
            raise self.failure
        try:
            return self._disk.free_bytes(self.path) - self._reserve_bytes
        except StorageFailed as error:
            self.fail(error)
            raise

    def check(self) -> None:
        """Finds out whether the directory is still there; if it is not, it fails."""
        self._left_bytes = 0
        if self.failure is None and not self._disk.exists(self.path):
            cause = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self.fail(StorageFailed(self.path, "look-up", cause))

    def space_bytes(self) -> tuple[int, int]:
        """Size of the file system, and the room left on it. Raises StorageFailed."""
        if self.failure is not None:
            raise self.failure
        return self._disk.total_bytes(self.path), self._disk.free_bytes(self.path)

    def fail(self, error: StorageFailed) -> None:
        """The directory is used no more; everybody concerned is told, once."""
        if self.failure is None:
            self.failure = error
            logger.error("the data directory %s failed and its partitions are offline: %s", self.path, error)
            self._tell(self)
