"""What a power failure took: the bytes that were in files before and are not there any more.

Lives here: the comparison of two disks. Must not live here: opinions on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cordwood.model.errors import StorageFailed

if TYPE_CHECKING:
    from cordwood.env.disk import Disk


def lost_bytes(before: Disk, after: Disk) -> int:
    """How many bytes differ or are missing in the files that there were."""
    return sum(_missing(data, _read(after, path)) for path, data in _files(before, ""))


def _files(disk: Disk, directory: str) -> Iterator[tuple[str, bytes]]:
    for name in disk.list(directory or "/"):
        path = f"{directory}/{name}"
        try:
            yield from _files(disk, path)
        except StorageFailed:  # It is no directory.
            yield path, _read(disk, path)


def _read(disk: Disk, path: str) -> bytes:
    if not disk.exists(path):
        return b""
    file = disk.open(path)
    try:
        return file.read(file.size(), 0)
    finally:
        file.close()


def _missing(before: bytes, after: bytes) -> int:
    same = sum(one == other for one, other in zip(before, after, strict=False))
    return len(before) - same
