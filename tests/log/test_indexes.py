"""The two indexes of a segment: when an entry is due, and what loaded ones are checked for."""

from __future__ import annotations

import pytest

from cordwood.log.backend import FileKind
from cordwood.log.indexes import Indexes, sync_files
from cordwood.sim.disk import SimDisk
from tests.log.kit import World


def noted(world, count=10, interval_bytes=250):
    """Batches of 100 bytes and 5 records, whose timestamps go up and down."""
    indexes = Indexes(world.backend(), 0, interval_bytes)
    for number in range(count):
        indexes.note(number * 100, number * 5, [10, 30, 20][number % 3] * (number + 1))
    return indexes


def entries(index):
    found, key = [], 1 << 62
    while (entry := index.floor(key)) is not None:
        found.append(entry)
        key = entry[0] - 1
    return found[::-1]


def test_an_entry_is_due_for_each_interval():
    indexes = noted(World())
    assert entries(indexes.offsets) == [(15, 300), (30, 600), (45, 900)]
    assert entries(indexes.times) == [(60, 15), (150, 30), (240, 45)]
    assert indexes.latest_timestamp == 240


def test_an_interval_of_nothing_indexes_every_batch_but_the_first():
    assert len(noted(World(), interval_bytes=0).offsets) == 9


def test_written_indexes_are_loaded_as_they_were():
    world = World()
    indexes = noted(world)
    indexes.write(50)
    for writable in (False, True):
        loaded = Indexes.load(world.backend(), 0, 250, writable=writable)
        assert entries(loaded.offsets) == entries(indexes.offsets)
        assert loaded.times.last == (240, 50)
        assert loaded.latest_timestamp == 240
        assert loaded.is_complete(50)
        assert not loaded.is_complete(51)
        assert loaded.flaw(50, 1000) is None


def test_writing_twice_says_the_end_once():
    world = World()
    indexes = noted(world)
    indexes.write(50)
    size = len(world.content("00000000000000000000.timeidx"))
    indexes.write(50)
    assert len(world.content("00000000000000000000.timeidx")) == size == 4 * 16


def test_no_timestamps_are_none_before_zero():
    world = World()
    indexes = Indexes(world.backend(), 0, 1)
    indexes.note(0, 0, -1)
    indexes.note(100, 1, -1)
    indexes.write(2)
    assert entries(indexes.times) == [(0, 2)]
    assert indexes.latest_timestamp == -1


def test_a_missing_file_is_no_index():
    world = World()
    assert Indexes.load(world.backend(), 0, 250, writable=False) is None
    noted(world).write(50)
    world.backend().remove(0, FileKind.TIME_INDEX)
    assert Indexes.load(world.backend(), 0, 250, writable=False) is None


@pytest.mark.parametrize("end", [(49, 900), (40, 1000), (50, 899)])
def test_an_index_that_points_outside_has_a_flaw(end):
    world = World()
    indexes = noted(world)
    indexes.write(50)
    assert indexes.flaw(*end)


def test_a_torn_time_entry_has_a_flaw():
    """A power failure may leave the timestamp of an entry and zeros where its offset belongs."""
    world = World()
    world.replace("00000000000000000000.idx", b"")
    world.replace("00000000000000000000.timeidx", (1000).to_bytes(8, "little") + bytes(8))
    torn = Indexes.load(world.backend(), 0, 250, writable=True)
    torn.truncate(5)
    assert torn.flaw(5, 100)


def test_after_a_cut_the_rest_is_noted_again():
    world = World()
    indexes = noted(world)
    indexes.write(50)
    before = entries(indexes.offsets), entries(indexes.times)
    loaded = Indexes.load(world.backend(), 0, 250, writable=True)
    position = loaded.truncate(33)
    assert position == 600
    for number in range(position // 100, 10):
        loaded.note(number * 100, number * 5, [10, 30, 20][number % 3] * (number + 1))
    loaded.write(50)
    assert (entries(loaded.offsets), entries(loaded.times)) == before


def test_a_cut_before_the_first_entry_begins_at_the_beginning():
    indexes = noted(World())
    assert indexes.truncate(15) == 0
    assert indexes.latest_timestamp == -1


def test_a_batch_without_its_entry_shows_that_the_index_is_short():
    indexes = noted(World(), 6)
    assert not indexes.is_short(549)
    assert indexes.is_short(550)


def test_removed_files_stay_whole_for_whoever_views_them():
    world = World()
    indexes = noted(world)
    indexes.write(50)
    viewed = Indexes.load(world.backend(), 0, 250, writable=False)
    viewed.remove_files()
    assert world.names(".idx") == []
    assert viewed.offsets.last == (45, 900)


def test_synced_files_survive():
    world = World(disk=SimDisk())
    indexes = noted(world)
    indexes.write(50)
    sync_files(world.backend(), 0)
    world.disk.sync_directory(world.path)
    world.disk = world.disk.crash()
    assert Indexes.load(world.backend(), 0, 250, writable=False).flaw(50, 1000) is None
