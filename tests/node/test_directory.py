"""A broker's directory of the quorum has an id that stays, and belongs to that broker."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.model.errors import CorruptLog
from cordwood.model.peer_errors import WrongNode
from cordwood.node.directory import KIND, NAME, own_directory_id
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import Stop, stops

PATH = "/d"


def disk_with_directory():
    disk = MemoryDisk()
    disk.make_directory(PATH)
    return disk


def test_the_id_is_drawn_once():
    disk = disk_with_directory()
    drawn = own_directory_id(disk, PATH, 7, SeededDice(1))
    assert len(drawn) == 16
    assert own_directory_id(disk, PATH, 7, SeededDice(2)) == drawn
    assert own_directory_id(disk_with_directory(), PATH, 7, SeededDice(2)) != drawn


def test_the_bytes_of_the_file():
    disk = disk_with_directory()
    drawn = own_directory_id(disk, PATH, 7, SeededDice(1))
    file = disk.open(f"{PATH}/{NAME}")
    data = bytes(file.read(file.size(), 0))
    assert data[:12] == bytes.fromhex("43576e6d 0100 0000 14000000")
    assert data[16:] == bytes.fromhex("07000000") + drawn


def test_the_directory_of_another_broker_is_refused():
    disk = disk_with_directory()
    own_directory_id(disk, PATH, 7, SeededDice(1))
    with pytest.raises(WrongNode, match="belongs to broker 7, the configuration says 8"):
        own_directory_id(disk, PATH, 8, SeededDice(1))


def test_damage_is_refused():
    disk = disk_with_directory()
    checkpoint.replace(disk, f"{PATH}/{NAME}", KIND, bytes(5))
    with pytest.raises(CorruptLog, match="5 bytes"):
        own_directory_id(disk, PATH, 7, SeededDice(1))


def test_an_id_that_was_told_is_there_after_every_stop():
    disk = SimDisk()
    disk.make_directory(PATH)
    disk.sync_directory(PATH)
    told: list[bytes] = []

    def examine(stop: Stop) -> None:
        found = own_directory_id(stop.disk, PATH, 7, SeededDice(3))
        assert not told or found == told[0]

    with stops(disk, SeededDice(2), examine, power_failures=5):
        told.append(own_directory_id(disk, PATH, 7, SeededDice(1)))
