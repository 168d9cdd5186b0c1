"""The disks that the conformance suite runs on: a line for each, with how one is made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cordwood.env.disk import Disk, LocalDisk
from cordwood.env.memory_disk import MemoryDisk
from cordwood.sim.disk import SimDisk


def local(folder: Path) -> tuple[Disk, str]:
    """The disk of the operating system, in a temporary directory."""
    return LocalDisk(), str(folder)


def memory(folder: Path) -> tuple[Disk, str]:
    """A fresh memory disk with one directory."""
    disk = MemoryDisk()
    disk.make_directory("/mem/data")
    return disk, "/mem/data"


def simulated(folder: Path) -> tuple[Disk, str]:
    """A simulated disk with one directory, on which nothing goes wrong."""
    disk = SimDisk()
    disk.make_directory("/sim/data")
    return disk, "/sim/data"


def simulated_cutting_by_copy(folder: Path) -> tuple[Disk, str]:
    """The same, where each cut puts a copy in the file's place."""
    disk = SimDisk(cuts_by_copy=True)
    disk.make_directory("/sim/data")
    return disk, "/sim/data"


# Each makes a disk and names a directory on it that exists and is empty.
DISKS: Final[dict[str, Callable[[Path], tuple[Disk, str]]]] = {
    "local": local,
    "memory": memory,
    "simulated": simulated,
    "simulated, cut by copy": simulated_cutting_by_copy,
}
