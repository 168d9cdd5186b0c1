"""What the tests of single files share: a disk with a raft log on it, jobs, and background work that waits to be run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cordwood.consensus.opening import open_storage
from cordwood.consensus.storage import GroupStorage
from cordwood.raft import Configuration, Entry, HardState, Snapshot, StorageAppend
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from tests.consensus.world import PATH, config_of

THREE = Configuration(frozenset({1, 2, 3}))


def opened(disk: SimDisk, **values: Any) -> GroupStorage:
    """The storage on a disk; its worker waits for its turns."""
    return open_storage(PATH, config_of(1, **values), disk=disk, background=SimBackground(), clock=SimClock())


def job(
    entries: Sequence[Entry] = (), hard: HardState | None = None, snapshot: Snapshot | None = None, **values: Any
) -> StorageAppend:
    """A job as Raft makes them."""
    usual: dict[str, Any] = {"term": 1, "must_sync": True, "replies": (), "acks": (), "last": None}
    return StorageAppend(snapshot=snapshot, entries=tuple(entries), hard_state=hard, **usual | values)


def entries(start: int, end: int, term: int = 1) -> list[Entry]:
    """Entries with some data."""
    return [Entry(index, term, data=b"entry %d" % index) for index in range(start, end)]


class Later:
    """Background work, done when a test says so."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self.work.append(lambda: then(work()))

    def run(self) -> None:
        """All of it, and what comes of it."""
        while self.work:
            self.work.pop(0)()
