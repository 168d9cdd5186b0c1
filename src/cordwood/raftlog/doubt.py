"""That a sync failed, remembered beside the files for as long as the page cache hides it.

After a failed fdatasync the system shows the bytes that it could not write, takes them for written, and lets the next
fdatasync succeed. So whoever opens the log then writes everything again before believing it.

Lives here: the file `sync-failed`, and syncing with its care. Must not live here: what is written again (recovery.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.model.errors import StorageFailed
from cordwood.raftlog.chunk import DOUBT_NAME

if TYPE_CHECKING:
    from cordwood.env.disk import Disk, File


def is_doubted(disk: Disk, directory: str) -> bool:
    """Whether what is read may not be on the device."""
    return disk.exists(f"{directory}/{DOUBT_NAME}")


def trust(disk: Disk, directory: str) -> None:
    """Forgets it: everything was written again and synced."""
    disk.unlink(f"{directory}/{DOUBT_NAME}")


def datasync(disk: Disk, directory: str, file: File) -> None:
    """Syncs a file of the directory; remembers that it failed. Raises StorageFailed."""
    try:
        file.datasync()
    except StorageFailed:
        _doubt(disk, directory)
        raise


def _doubt(disk: Disk, directory: str) -> None:
    try:
        # Not synced: a power failure takes the page cache, and with it the reason to doubt.
        disk.open(f"{directory}/{DOUBT_NAME}", create=True).close()
    except StorageFailed:
        return  # Where no file can be made, nothing will be written after a restart either.
