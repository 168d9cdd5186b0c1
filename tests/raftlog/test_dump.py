"""Dumps: rows of an open log and of a directory, to the place where they cannot be read on."""

from __future__ import annotations

import pytest

from cordwood.model.errors import StorageFailed
from cordwood.raftlog.chunk import chunk_name
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.dump import ChunkRow, DamageRow, RecordRow, dump_directory
from cordwood.raftlog.records import Append, PurgeUpto, RaftLogState, State
from tests.raftlog.kit import PATH, World, build_purged_sample, build_sample

LAST = chunk_name(509)


@pytest.fixture
def world():
    world = World()
    build_purged_sample(world.open())
    return world


def rows(world):
    """The dump of the directory."""
    return list(dump_directory(world.disk, PATH, TEXTS))


def test_every_record_has_its_place(world):
    found = list(world.log.dump())
    assert found == rows(world)
    assert [type(row) for row in found] == [ChunkRow] + [RecordRow] * 5 + [ChunkRow] + [RecordRow] * 3
    assert found[0] == ChunkRow(324, f"{PATH}/{chunk_name(324)}", 185)
    assert found[3] == RecordRow(324, 2, 78, 115, Append((2, 4), "world"))
    state = RaftLogState(None, (2, 6), (1, 2), (1, 1), None)
    assert found[7:] == [
        RecordRow(509, 0, 0, 66, State(state)),
        RecordRow(509, 1, 66, 101, Append((2, 7), "wow")),
        RecordRow(509, 2, 101, 129, PurgeUpto((2, 3))),
    ]


def test_the_dump_of_an_open_log_has_what_was_put(world):
    world.log.append([((3, 8), "new")])
    assert list(world.log.dump())[-1] == RecordRow(509, 3, 129, 164, Append((3, 8), "new"))
    assert world.log.stat().synced == 638


def test_a_dump_goes_on_while_chunks_go():
    world = World()
    log = world.open()
    build_sample(log)
    dump = log.dump()
    next(dump)
    log.purge((2, 3))
    log.sync()
    assert len(world.names()) == 2
    assert sum(isinstance(row, RecordRow) for row in dump) == 17


def test_an_unfinished_end_is_told_as_such(world):
    world.disk.open(f"{PATH}/{LAST}").truncate(126)
    assert rows(world)[-1] == DamageRow(509, f"{PATH}/{LAST}", 101, "5 bytes are left of a checksum", True)
    assert len(world.content(LAST)) == 126, "nothing is cut"


def test_damage_is_told_where_it_is(world):
    for name, size, position in ((chunk_name(324), 185, 150), (LAST, 129, 101)):
        data = bytearray(world.content(name))
        data[-1] ^= 1
        world.put(name, bytes(data))
        damage = [row for row in rows(world) if isinstance(row, DamageRow) and row.path.endswith(name)]
        (row,) = damage
        assert (row.position, row.is_unfinished) == (position, False)
        assert "the checksum is" in row.reason
        assert len(world.content(name)) == size


def test_a_closed_chunk_is_never_unfinished(world):
    world.disk.open(f"{PATH}/{chunk_name(324)}").truncate(180)
    (row,) = [row for row in rows(world) if isinstance(row, DamageRow)]
    assert not row.is_unfinished
    assert isinstance(rows(world)[-1], RecordRow), "the next chunk is dumped all the same"


def test_a_directory_that_is_missing_is_told():
    with pytest.raises(StorageFailed):
        list(dump_directory(World().disk, "/nowhere", TEXTS))
