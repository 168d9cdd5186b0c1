"""A failed sync is remembered until everything was written again."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.model.errors import StorageFailed
from cordwood.raftlog.doubt import datasync, is_doubted, trust
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.raftlog.kit import PATH, World, read_all


@pytest.fixture
def disk():
    disk = SimDisk()
    disk.make_directory(PATH)
    return disk


def test_a_sync_that_works_leaves_no_doubt(disk):
    datasync(disk, PATH, disk.open(f"{PATH}/x", create=True))
    assert not is_doubted(disk, PATH)


def test_a_sync_that_fails_is_remembered_until_trusted(disk):
    disk.faults.fail(Fault(Operation.DATASYNC))
    with pytest.raises(StorageFailed, match="fdatasync"):
        datasync(disk, PATH, disk.open(f"{PATH}/x", create=True))
    assert is_doubted(disk, PATH)
    trust(disk, PATH)
    assert not is_doubted(disk, PATH)


def test_where_no_file_can_be_made_the_sync_s_own_failure_is_told(disk):
    file = disk.open(f"{PATH}/x", create=True)
    disk.faults.fail(Fault(Operation.DATASYNC))
    disk.faults.fail(Fault(Operation.CREATE))
    with pytest.raises(StorageFailed, match="fdatasync"):
        datasync(disk, PATH, file)
    assert not is_doubted(disk, PATH)


@pytest.mark.parametrize("fails_again", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_what_an_opening_shows_is_on_the_device_even_after_failed_syncs(seed, fails_again):
    world = World(disk=SimDisk(SeededDice(seed)))
    log = world.open()
    log.append([((1, 0), "x" * 5000)])
    world.disk.faults.fail(Fault(Operation.DATASYNC))
    with pytest.raises(StorageFailed):
        log.sync()
    world.abandon()
    if fails_again:
        world.disk.faults.fail(Fault(Operation.DATASYNC))
        with pytest.raises(StorageFailed):
            world.open()
    shown = read_all(world.open())
    assert not is_doubted(world.disk, PATH)
    world.disk = world.disk.crash(SeededDice(seed))
    assert read_all(world.open()) == shown


def test_an_opening_whose_sync_fails_leaves_the_doubt():
    world = World(disk=SimDisk())
    world.open().append([((1, 0), "x")])
    world.log.flush(sync=False)
    world.log.flusher.turn()
    world.abandon()
    world.disk.faults.fail(Fault(Operation.DATASYNC))
    with pytest.raises(StorageFailed):
        world.open()
    assert is_doubted(world.disk, PATH)
