"""The disks that the conformance suite runs on: a line for each, with how one is made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cordwood.env.disk import Disk, LocalDisk
from cordwood.env.memory_disk import MemoryDisk


def local(folder: Path) -> tuple[Disk, str]:
    """The disk of the operating system, in a temporary directory."""
    return LocalDisk(), str(folder)


def memory(folder: Path) -> tuple[Disk, str]:
    """A fresh memory disk with one directory."""
    disk = MemoryDisk()
    disk.make_directory("/mem/data")
    return disk, "/mem/data"


# Each makes a disk and names a directory on it that exists and is empty.
DISKS: Final[dict[str, Callable[[Path], tuple[Disk, str]]]] = {
    "local": local,
    "memory": memory,
}
