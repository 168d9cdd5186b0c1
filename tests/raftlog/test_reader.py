"""Reads: from memory or from chunks, of one moment, and told apart in the counts."""

from __future__ import annotations

import pytest

from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.model.raftlog_errors import LogIndexNotFound
from cordwood.raftlog.chunk import chunk_name
from tests.raftlog.kit import PATH, World, build_sample, read_all


@pytest.fixture
def world():
    """Entries 2 to 6 lie in closed chunks and not in memory, entry 7 in the open chunk."""
    world = World()
    build_sample(world.open(cache_max_items=0))
    assert world.log.stat().cache_items == 1
    return world


def test_entries_come_from_memory_and_from_chunks(world):
    log = world.log
    assert read_all(log) == [
        ((2, 2), "world"),
        ((2, 3), "foo"),
        ((2, 4), "world"),
        ((2, 5), "foo"),
        ((2, 6), "bar"),
        ((2, 7), "wow"),
    ]
    assert log.access_stat() == (1, 5)
    assert list(log.read(7, 8)) == [((2, 7), "wow")]
    assert log.access_stat() == (2, 5)
    assert [log.log_id(index) for index in (3, 7)] == [(2, 3), (2, 7)]
    with pytest.raises(LogIndexNotFound):
        log.log_id(8)


def test_a_read_is_of_the_moment_of_its_call(world):
    log = world.log
    before = read_all(log)
    reading = log.read(0, 99)
    assert next(reading) == before[0]
    log.truncate(5)
    log.append([((9, 5), "new"), ((9, 6), "new")])
    log.purge((2, 4))
    log.sync()
    assert len(world.names()) < 4
    assert list(reading) == before[1:], "even from chunks that are gone"
    assert read_all(log) == [((9, 5), "new"), ((9, 6), "new")]


def test_damage_that_a_read_meets_is_told(world):
    data = bytearray(world.content(chunk_name(324)))
    data[110] ^= 1
    world.disk.open(f"{PATH}/{chunk_name(324)}").write([data], 0)
    with pytest.raises(CorruptLog, match="the checksum is") as raised:
        read_all(world.log)
    assert (raised.value.path, raised.value.position) == (f"{PATH}/{chunk_name(324)}", 78)


def test_a_file_that_ends_early_is_told(world):
    world.disk.open(f"{PATH}/{chunk_name(324)}").truncate(90)
    with pytest.raises(CorruptLog, match="bytes are left"):
        read_all(world.log)


def test_a_chunk_that_was_exchanged_is_told(world):
    file = world.disk.open(f"{PATH}/{chunk_name(324)}")
    file.write([file.read(28, 50) + bytes(9)], 78)
    with pytest.raises(CorruptLog, match="the record is PurgeUpto where an entry was"):
        read_all(world.log)


def test_a_read_that_outlives_its_log_fails(world):
    reading = world.log.read(0, 99)
    world.log.close()
    with pytest.raises(StorageFailed):
        list(reading)
