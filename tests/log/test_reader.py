"""Reading on while the log changes under the reader: never a wrong record, always a typed error."""

from __future__ import annotations

import pytest

from cordwood.log.batch_log import BatchLog
from cordwood.log.reader import FIRST_READ_BYTES, READ_BYTES
from cordwood.model.errors import CorruptLog, LogClosed, OffsetOutOfRange, SegmentDeleted, StorageFailed
from cordwood.records.builder import build_batch
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import SMALL, World, records, values


def filled(count=100, config=SMALL, size=50, **options):
    world = World(config, **options)
    log = world.open()
    for number in range(count):
        log.append(b"%d" % number + b"." * size)
    return world, log


def expected(start, end, size=50):
    return [(number, b"%d" % number + b"." * size) for number in range(start, end)]


def test_all_of_it_from_everywhere():
    _, log = filled()
    assert log.segment_count > 3
    for start in (0, 1, 50, 99, 100):
        assert values(log, start) == expected(start, 100)
    assert values(log) == expected(0, 100)


def test_pieces_of_every_size_are_read_whole():
    world = World()
    log = world.open()
    sizes = [1, FIRST_READ_BYTES - 100, FIRST_READ_BYTES, 3 * READ_BYTES, 5, 5, READ_BYTES - 200]
    for size in sizes:
        log.append(b"x" * size)
    for start in range(len(sizes)):
        assert [len(record.value) for record in log.read(start)] == sizes[start:]


def test_a_start_inside_a_batch():
    log = World().open()
    log.append_many([b"a", b"b", b"c"])
    log.append_many([b"d", b"e"])
    assert values(log, 1) == [(1, b"b"), (2, b"c"), (3, b"d"), (4, b"e")]


def test_outside_of_the_log():
    _, log = filled()
    log.truncate_before(10)
    for offset in (9, 101):
        with pytest.raises(OffsetOutOfRange) as raised:
            next(log.read(offset))
        assert (raised.value.start, raised.value.end) == (10, 100)


def test_it_reads_what_is_appended_meanwhile():
    _, log = filled(3)
    reading = log.read(0)
    seen = [next(reading).offset for _ in range(3)]
    log.append(b"late")
    seen += [record.offset for record in reading]
    assert seen == [0, 1, 2, 3]


def test_deletion_under_the_reader_is_told():
    _, log = filled()
    reading = log.read(0)
    next(reading)
    log.truncate_before(60)
    with pytest.raises(SegmentDeleted) as raised:
        list(reading)
    assert 0 < raised.value.offset < 60


def test_truncation_under_the_reader_ends_it():
    _, log = filled()
    reading = log.read(0)
    seen = [next(reading).offset for _ in range(5)]
    log.truncate(40)
    seen += [record.offset for record in reading]
    assert seen == list(range(40))


def test_truncation_below_the_reader_ends_it_and_new_records_are_read_as_they_are():
    _, log = filled()
    reading = log.read(0)
    seen = [next(reading).value for _ in range(50)]
    log.truncate(10)
    assert list(reading) == []
    reading = log.read(5)
    next(reading)
    log.truncate(8)
    for _ in range(10):
        log.append(b"new")
    assert [(record.offset, record.value) for record in reading][-11:] == [
        *[(number, seen[number]) for number in range(7, 8)],
        *[(number, b"new") for number in range(8, 18)],
    ]


def test_a_truncation_while_it_reads_is_noticed(monkeypatch):
    _, log = filled(20)
    ranges = BatchLog.read_range

    def truncating(self, *arguments, **options):
        found = ranges(self, *arguments, **options)
        if not log.truncations:
            log.truncate(10)
            log.append(b"other")
        return found

    monkeypatch.setattr(BatchLog, "read_range", truncating)
    assert values(log, 0) == [*expected(0, 10), (10, b"other")]


def test_a_closed_log_is_told():
    _, log = filled()
    reading = log.read(0)
    next(reading)
    log.close()
    with pytest.raises(LogClosed):
        list(reading)


def test_markers_of_transactions_are_no_records():
    world = World()
    log = world.open()
    log.append(b"a")
    marker = build_batch(records(1), base_offset=1, producer_id=7, producer_epoch=0, control=True)
    world.store().write([marker], log.size_bytes)
    log = world.open()
    log.append(b"b")
    assert values(log) == [(0, b"a"), (2, b"b")]


def test_damage_is_told_with_its_place():
    world, log = filled(5)
    position = log.read_range(2, 1, end_offset=3).start
    world.store().write([b"\xff\xff\xff"], position + 61)
    with pytest.raises(CorruptLog) as raised:
        values(log)
    assert raised.value.path.endswith(".log")


def test_a_header_that_is_none_is_told():
    world, log = filled(5)
    position = log.read_range(2, 1, end_offset=3).start
    world.store().write([b"\x07"], position + 16)
    with pytest.raises(CorruptLog):
        values(log)


def test_a_store_that_lost_its_end_is_told_and_does_not_go_round_for_ever():
    world, log = filled(5)
    world.store().truncate(10)
    with pytest.raises(CorruptLog):
        values(log)


def test_a_failing_disk_is_told():
    disk = SimDisk()
    _, log = filled(5, disk=disk, path="/sim/log")
    disk.faults.fail(Fault(Operation.READ))
    with pytest.raises(StorageFailed):
        values(log)
