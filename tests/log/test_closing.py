"""Logs that are closed side by side."""

from __future__ import annotations

from cordwood.env.background import Threads
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.closing import close_all
from cordwood.model.errors import DiskFull
from cordwood.sim.background import SimBackground
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import World


class CountingThreads(Threads):
    """Counts the workers that are started."""

    started = 0

    def start(self, name, work):
        self.started += 1
        return super().start(name, work)


def logs(disk, root, count=7, quiet=2):
    """Logs of which all have something to write but the first ones."""
    made = [World(disk=disk, path=f"{root}/{number}").open() for number in range(count)]
    for log in made:
        log.append(b"x")
    for log in made[:quiet]:
        log.checkpoint()
    return made


def test_all_are_closed_at_rest_by_so_many_threads():
    background = CountingThreads()
    for threads, started in ((3, 3), (1, 3), (9, 8)):
        made = logs(MemoryDisk(), "/mem")
        assert close_all(made, background, threads) == []
        assert all(log.is_closed and log.at_rest is not None for log in made)
        assert background.started == started
    background.close()


def test_one_that_fails_keeps_no_other_open():
    disk = SimDisk()
    made = logs(disk, "/sim")
    disk.faults.fail(Fault(Operation.DATASYNC))
    (failure,) = close_all(made, SimBackground(), 1)
    assert made[2].path in failure.path
    assert all(log.is_closed for log in made)
    assert [log.at_rest is not None for log in made] == [True, True, False, True, True, True, True]


def test_one_that_finds_no_room_tries_again_and_is_closed():
    disk = SimDisk()
    made = logs(disk, "/sim", count=3, quiet=0)
    disk.faults.fail(Fault(Operation.WRITE, 28, suffix=".new"))
    (failure,) = close_all(made, SimBackground(), 1)
    assert isinstance(failure, DiskFull)
    assert all(log.is_closed for log in made)
