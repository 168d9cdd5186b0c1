"""Dumps: what is in the files of a log, whole or damaged."""

from __future__ import annotations

import pytest
from crc32c import crc32c
from msgspec.structs import astuple

from cordwood.log.compaction.first_dirty import store_first_dirty
from cordwood.log.config import LogConfig
from cordwood.log.tools.dump import Selection, dump
from cordwood.log.tools.files import Content
from cordwood.log.tools.rows import (
    AbortedRow,
    BatchRow,
    CompactionRow,
    DamageRow,
    EpochRow,
    FileRow,
    IndexEntryRow,
    MarkerRow,
    MetaRow,
    ProducerRow,
    RecordRow,
    SnapshotRow,
    TimeIndexEntryRow,
    UnfinishedRow,
)
from cordwood.model.errors import StorageFailed
from cordwood.records.batch import Codec, stamp
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker
from cordwood.records.record import Record
from tests.log.kit import OS, SMALL, World, batch, produced
from tests.log.tools.damage import entry, files_of, filled, flip, name_of, world_of

FILES = files_of(filled())
STORES = [name for name in FILES if name.endswith(".log")]


@pytest.fixture
def world():
    """A log of several segments."""
    return world_of(FILES)


def rows_of(world, name="", **selection):
    path = f"{world.path}/{name}" if name else world.path
    return list(dump(world.disk, path, Selection(**selection)))


def of(kind, rows):
    return [row for row in rows if isinstance(row, kind)]


def test_a_store(world):
    file, *batches = rows_of(world, STORES[0])
    assert file == FileRow(f"{world.path}/{STORES[0]}", Content.STORE, len(FILES[STORES[0]]))
    assert [row.base_offset for row in batches] == [0, 3, 6, 9, 12, 15, 18, 21]
    assert sum(row.size_bytes for row in batches) == file.size_bytes
    assert {row.records for row in batches} == {3}


def test_a_whole_log_in_order(world):
    rows = rows_of(world)
    names = [row.path.rpartition("/")[2] for row in of(FileRow, rows)]
    assert names[:5] == [
        "partition.meta",
        "leader-epochs",
        *(name_of(0, suffix) for suffix in (".log", ".idx", ".timeidx")),
    ]
    assert [name for name in names if name.endswith(".log")] == STORES
    assert sum(row.records for row in of(BatchRow, rows)) == 134
    assert not of(DamageRow, rows)


def test_the_small_files(world):
    assert rows_of(world, "partition.meta")[1:] == [MetaRow("0" * 32, 0, 134)]
    assert rows_of(world, "leader-epochs")[1:] == [
        EpochRow(0, 0),
        EpochRow(1, 30),
        EpochRow(2, 60),
        EpochRow(4, 90),
    ]
    _, snapshot, first, second = rows_of(world, name_of(134, ".snapshot"))
    assert snapshot == SnapshotRow(134, 2)
    assert isinstance(first, ProducerRow)
    assert (first.producer_id, first.epoch, second.producer_id) == (7, 0, 8)
    assert [astuple(one)[:4] for one in first.batches][-1] == (18, 19, 126, 127)


def test_indexes(world):
    world.replace(name_of(0, ".idx"), entry(3, 200) + entry(9, 500))
    world.replace(name_of(0, ".timeidx"), entry(1000, 3) + entry(1005, 9) + b"rest")
    assert rows_of(world, name_of(0, ".idx"))[1:] == [IndexEntryRow(3, 200), IndexEntryRow(9, 500)]
    assert rows_of(world, name_of(0, ".timeidx"))[1:] == [
        TimeIndexEntryRow(1000, 3),
        TimeIndexEntryRow(1005, 9),
        UnfinishedRow(32, 4, "an incomplete entry"),
    ]
    assert rows_of(world, name_of(0, ".idx"), start=4)[1:] == [IndexEntryRow(9, 500)]
    assert rows_of(world, name_of(0, ".timeidx"), end=9)[1] == TimeIndexEntryRow(1000, 3)
    assert len(rows_of(world, name_of(0, ".idx"), limit=1)) == 2


def test_records_of_every_kind():
    world = World(OS)
    log = world.open()
    for codec in Codec:
        log.append_records([Record(0, 5, b"key", "grüße".encode(), (("a", b"b"), ("c", None)))], codec=codec)
    log.append_records([Record(0, -1, None, None), Record(0, 7, b"\xff", b"\xfe\xff", (("x", b"\x80"),))])
    rows = rows_of(world, STORES[0], records=True)
    assert [row.codec for row in of(BatchRow, rows)] == ["none", "gzip", "snappy", "lz4", "zstd", "none"]
    *plain, null, binary = of(RecordRow, rows)
    assert {(row.key, row.value, row.timestamp) for row in plain} == {("key", "grüße", 5)}
    assert [(header.name, header.value) for header in plain[0].headers] == [("a", "b"), ("c", None)]
    assert (null.key, null.value, null.value_base64) == (None, None, None)
    assert (binary.key_base64, binary.value_base64, binary.headers[0].value_base64) == (b"\xff", b"\xfe\xff", b"\x80")


def test_markers():
    marker = build_marker(Marker(MarkerType.ABORT, 4), producer_id=7, producer_epoch=0, timestamp_ms=9)
    other = build_batch([Record(1, 9, b"\x00\x00\x00\x09", b"")], base_offset=1, transactional=True, control=True)
    world = World()
    world.replace(name_of(0, ".log"), marker + other)
    rows = rows_of(world, name_of(0, ".log"), records=True)
    assert of(MarkerRow, rows) == [MarkerRow(0, 9, "abort", 4), MarkerRow(1, 9, "other", -1)]
    assert of(BatchRow, rows)[0].is_control


def test_the_range_is_of_offsets(world):
    rows = rows_of(world, start=40, end=50)
    assert [row.base_offset for row in of(BatchRow, rows)] == [39, 42, 45, 48]
    assert {row.path.rpartition("/")[2][:20] for row in of(FileRow, rows)[2:]} == {f"{base:020d}" for base in (24, 48)}


def test_the_count_is_of_batches_in_all(world):
    rows = rows_of(world, start=20, limit=5)
    assert [row.base_offset for row in of(BatchRow, rows)] == [18, 21, 24, 27, 30]
    assert [row.path.rpartition("/")[2] for row in of(FileRow, rows) if row.content is Content.STORE] == STORES[:2]


def test_far_offsets_are_found_by_the_index(world):
    """And without one, or with one that leads astray, by walking."""
    wanted = rows_of(world, STORES[1], start=40)[1:]
    assert wanted[0].base_offset == 39
    for data in (b"", entry(30, 5), entry(30, 1 << 40), entry(24, 960), entry(39, 0)):
        world.replace(name_of(24, ".idx"), data)
        assert rows_of(world, STORES[1], start=40)[1:] == wanted


def test_a_damaged_place_is_told_and_passed(world):
    flip(world, STORES[0], 200)
    rows = rows_of(world, STORES[0])
    [damage] = of(DamageRow, rows)
    assert damage.reason == "the CRC does not match the bytes"
    assert [row.base_offset for row in of(BatchRow, rows)] == [0, 6, 9, 12, 15, 18, 21]
    assert damage.following == of(BatchRow, rows)[1].position


def test_an_unfinished_end_is_no_damage(world):
    world.replace(STORES[0], FILES[STORES[0]] + b"torn")
    rows = rows_of(world, STORES[0])
    assert rows[-1] == UnfinishedRow(len(FILES[STORES[0]]), 4, "4 bytes are left where a header takes 61")
    assert not of(DamageRow, rows)


def test_how_far_a_log_is_compacted(world):
    store_first_dirty(world.disk, world.path, 40)
    assert rows_of(world, "compaction")[1:] == [CompactionRow(40)]
    flip(world, "compaction", 20)
    assert len(of(DamageRow, rows_of(world, "compaction"))) == 1


@pytest.mark.parametrize("name", ["partition.meta", "leader-epochs", name_of(134, ".snapshot")])
def test_a_damaged_checkpoint(world, name):
    flip(world, name, 20)
    assert len(of(DamageRow, rows_of(world, name))) == 1
    assert len(of(DamageRow, rows_of(world))) == 1, "the others are dumped all the same"


def test_records_that_cannot_be_read():
    world = World()
    bad = bytearray(build_batch([Record(0, 1, None, b"x")], codec=Codec.ZSTD))
    whole = bytearray(batch(1))
    whole[21:23] = b"\x00\x04"
    whole[17:21] = crc32c(bytes(whole[21:])).to_bytes(4, "big")
    stamp(whole, 0, 1, 0)
    world.replace(name_of(0, ".log"), bytes(bad) + bytes(whole))
    rows = rows_of(world, name_of(0, ".log"), records=True)
    assert len(of(BatchRow, rows)) == 2
    assert len(of(DamageRow, rows)) == 1


def test_a_removed_file_can_be_dumped(world):
    name = f"{STORES[0]}.3.deleted"
    world.replace(name, FILES[STORES[0]])
    assert len(of(BatchRow, rows_of(world, name, start=5))) == 7


def test_all_logs_of_a_data_directory():
    world = World(LogConfig(flush_policy="os"), path="/data/orders-0")
    other = World(LogConfig(flush_policy="os"), world.disk, "/data/orders-1")
    for one in (world, other):
        one.open().append(b"x")
    paths = {row.path.rpartition("/")[0] for row in of(FileRow, dump(world.disk, "/data"))}
    assert paths == {"/data/orders-0", "/data/orders-1"}


def test_files_that_go_away_meanwhile_are_passed_over(world):
    rows = []
    for row in dump(world.disk, world.path):
        rows.append(row)
        for name in (STORES[2], name_of(134, ".snapshot"), name_of(0, ".idx")):
            if name in world.names() and not isinstance(row, MetaRow):
                world.disk.unlink(f"{world.path}/{name}")
    left = {name for name in world.names() if not name.endswith(".deleted")}
    assert {row.path.rpartition("/")[2] for row in of(FileRow, rows)} == left


def test_a_missing_file():
    with pytest.raises(StorageFailed):
        rows_of(World(), name_of(0, ".log"))


def test_transactions_that_were_aborted():
    world = World(SMALL)
    log = world.open()
    log.append_batch(produced(7, 0, 0, 2, transactional=True), 0)
    log.append_batch(produced(8, 0, 0, 1, transactional=True), 0)
    log.append_marker(7, 0, MarkerType.ABORT, 4, 0)
    log.close()
    rows = list(dump(world.disk, world.path))
    assert [row for row in rows if isinstance(row, AbortedRow)] == [AbortedRow(7, 0, 3, 2)]
    producers = [row for row in rows if isinstance(row, ProducerRow)]
    assert [(row.producer_id, row.transaction_start, row.coordinator_epoch) for row in producers[-2:]] == [
        (7, -1, 4),
        (8, 2, -1),
    ]
    assert not any(isinstance(row, AbortedRow) for row in dump(world.disk, world.path, Selection(end=3)))
    world.replace(world.names(".txnidx")[0], b"rubbish")
    assert any(isinstance(row, DamageRow) for row in dump(world.disk, world.path))
