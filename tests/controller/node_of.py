"""What a controller needs around it in tests.

Lives here: a memory disk, threads and a flusher that are put away at the end. Must not live here: tests.
"""

from __future__ import annotations

from typing import Self

from cordwood.controller import Controller
from cordwood.controller.journal import Journal
from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.dice import SeededDice
from cordwood.env.disk import Disk
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.flusher import Flusher

PATH = "/data/__cluster_metadata-0"
STORE = f"{PATH}/{0:020}.log"


class World:
    """Disk, clock, dice and flusher of one process; leaving it ends the threads."""

    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self.clock = SystemClock()
        self._background = Threads(1)
        self.flusher = Flusher(self._background, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.flusher.close()
        self._background.close()

    def controller(self, cluster_id: str | None = None, seed: int = 1) -> Controller:
        """A controller over the journal on this disk."""
        return Controller.open(
            PATH,
            disk=self.disk,
            clock=self.clock,
            dice=SeededDice(seed),
            flusher=self.flusher,
            cluster_id=cluster_id,
        )

    def journal(self) -> Journal:
        """The journal on this disk."""
        return Journal(PATH, self.disk, self.clock, self.flusher)

    def stored(self) -> bytes:
        """The bytes of the journal's first store."""
        file = self.disk.open(STORE)
        return file.read(file.size(), 0)


def disk_with(stored: bytes) -> MemoryDisk:
    """A disk on which a process left this much of a journal's store when it was killed."""
    disk = MemoryDisk()
    disk.make_directory(PATH)
    disk.open(STORE, create=True).write([stored], 0)
    return disk
