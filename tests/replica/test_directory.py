"""A directory's budget is exact about its reserve, and a failure is told once."""

from __future__ import annotations

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.model.errors import DiskFull, StorageFailed
from cordwood.replica.directory import STEP_BYTES, Directory


class SmallDisk(MemoryDisk):
    """A disk whose free room the test sets, and which counts how often it is asked."""

    def __init__(self, free: int) -> None:
        super().__init__()
        self.free = free
        self.asked = 0
        self.gone = False

    def free_bytes(self, path: str) -> int:
        self.asked += 1
        if self.gone:
            raise StorageFailed(path, "statvfs", FileNotFoundError(2, "No such file or directory"))
        return self.free


def test_what_is_reserved_is_never_spent() -> None:
    disk = SmallDisk(free=1000)
    directory = Directory("/data", disk, 600, pytest.fail)
    for _ in range(4):
        directory.spend(100)
        disk.free -= 100
    with pytest.raises(DiskFull, match="600"):
        directory.spend(1)
    disk.free += 500
    directory.spend(500)


def test_a_batch_larger_than_the_room_is_refused_and_a_smaller_one_is_not() -> None:
    directory = Directory("/data", SmallDisk(free=1000), 0, pytest.fail)
    with pytest.raises(DiskFull):
        directory.spend(1001)
    directory.spend(1000)


def test_the_file_system_is_asked_once_a_step() -> None:
    disk = SmallDisk(free=1 << 40)
    directory = Directory("/data", disk, 0, pytest.fail)
    for _ in range(STEP_BYTES // 1000):
        directory.spend(1000)
    assert disk.asked == 1
    directory.spend(STEP_BYTES * 2)
    assert disk.asked == 2


def test_a_directory_that_is_gone_fails_and_tells_it_once() -> None:
    disk = SmallDisk(free=1000)
    told: list[Directory] = []
    directory = Directory("/data", disk, 0, told.append)
    disk.gone = True
    for _ in range(2):
        with pytest.raises(StorageFailed):
            directory.spend(1)
    disk.gone = False
    with pytest.raises(StorageFailed):
        directory.space_bytes()
    assert told == [directory]


def test_a_look_finds_that_it_is_gone_without_a_write() -> None:
    disk = MemoryDisk()
    disk.make_directory("/data")
    told: list[Directory] = []
    directory = Directory("/data", disk, 0, told.append)
    directory.check()
    assert directory.failure is None
    disk.remove_directory("/data")
    directory.check()
    directory.check()
    assert told == [directory]
    assert isinstance(directory.failure, StorageFailed)


def test_asking_for_room_spends_none() -> None:
    disk = SmallDisk(free=1000)
    directory = Directory("/data", disk, 600, pytest.fail)
    for _ in range(10):
        directory.check_room(400)
    with pytest.raises(DiskFull):
        directory.check_room(401)
    directory.spend(400)
    disk.free -= 400
    with pytest.raises(DiskFull):
        directory.check_room(1)
