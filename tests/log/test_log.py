"""The log as a program sees it: records in, records out, two ends that move."""

from __future__ import annotations

import gc
import os
import threading

import pytest

from cordwood import Log, LogConfig, Record
from cordwood.env.disk import LocalDisk
from cordwood.model.errors import (
    DirectoryLocked,
    InvalidBatch,
    LogClosed,
    OffsetOutOfRange,
    RecordTooLarge,
    SegmentDeleted,
    StorageFailed,
)
from cordwood.records.batch import Codec
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import SMALL, World, batch, produced, values


def test_the_example_of_the_readme(tmp_path):
    with Log.open(f"{tmp_path}/data/orders") as log:
        first = log.append(b"hello")
        assert log.append_many([b"a", b"b"]) == 1
        log.append(b"v", key=b"k", headers=[("h", b"1")], timestamp_ms=123)
        read = list(log.read(first))
        assert [record.value for record in read] == [b"hello", b"a", b"b", b"v"]
        assert read[3] == Record(3, 123, b"k", b"v", (("h", b"1"),))
        log.sync()
        assert (log.start_offset, log.end_offset, log.synced_offset, log.segment_count) == (0, 4, 4, 1)
        assert log.size_bytes > 200
        assert log.find_offset(timestamp_ms=read[1].timestamp_ms + 1) is None
    with Log.open(f"{tmp_path}/data/orders/") as log:
        assert list(log.read()) == read
        assert "orders [0, 4)" in repr(log)


def test_a_directory_has_one_owner(tmp_path):
    path = f"{tmp_path}/log"
    with Log.open(path):
        with pytest.raises(DirectoryLocked):
            Log.open(path)
        with Log.open(path, lock=False):
            pass
    Log.open(path).close()


def test_a_failed_opening_gives_the_directory_back(tmp_path):
    path = f"{tmp_path}/log"
    with Log.open(path) as log:
        log.append(b"x")
    meta = tmp_path / "log" / "partition.meta"
    whole = meta.read_bytes()
    meta.write_bytes(b"rubbish")
    with pytest.raises(Exception, match=r"partition\.meta"):
        Log.open(path)
    meta.write_bytes(whole)
    Log.open(path).close()


def test_appends_of_every_kind():
    log = World().open()
    assert log.append(None) == 0
    assert log.append(b"", key=b"") == 1
    assert log.append_records([Record(0, 5, b"k", None), Record(0, 6, None, b"v")], codec=Codec.ZSTD) == 2
    assert log.append_many((b"x",), timestamp_ms=7) == 4
    assert [(record.offset, record.key, record.value) for record in log.read()] == [
        (0, None, None),
        (1, b"", b""),
        (2, b"k", None),
        (3, None, b"v"),
        (4, None, b"x"),
    ]


def test_what_cannot_be_appended():
    log = World(LogConfig(flush_policy="os", max_message_bytes=200)).open()
    with pytest.raises(RecordTooLarge):
        log.append(b"x" * 200)
    with pytest.raises(RecordTooLarge):
        log.append_many([b"x" * 50] * 10)
    for nothing in (lambda: log.append_many([]), lambda: log.append_records([])):
        with pytest.raises(InvalidBatch):
            nothing()
    assert log.end_offset == log.size_bytes == 0


def test_under_commit_an_append_is_durable_when_it_returns():
    world = World(LogConfig(), disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append(b"a")
    log.append_many([b"b", b"c"])
    log.append_records([Record(0, 1, None, b"d")])
    assert log.synced_offset == 4
    world.disk = world.disk.crash()
    assert [value for _, value in values(world.open())] == [b"a", b"b", b"c", b"d"]


def test_a_sync_that_fails_is_told_to_the_appender_and_to_everybody_after():
    world = World(LogConfig(), disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append(b"a")
    world.disk.faults.fail(Fault(Operation.DATASYNC))
    for _ in range(2):
        with pytest.raises(StorageFailed):
            log.append(b"b")
    assert log.failure is not None
    log.close()
    with world.open() as log:
        assert values(log)[0] == (0, b"a")


def test_many_threads_append_and_each_gets_its_own_offset(tmp_path):
    with Log.open(f"{tmp_path}/log") as log:
        offsets = {}

        def work(name):
            offsets[name] = [log.append(b"%d-%d" % (name, number)) for number in range(20)]

        threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        found = dict(values(log))
        assert sorted(found) == list(range(160))
        for name, mine in offsets.items():
            assert mine == sorted(mine)
            assert [found[offset] for offset in mine] == [b"%d-%d" % (name, number) for number in range(20)]
        assert log.synced_offset == 160


def test_readers_beside_a_writer_see_a_prefix(tmp_path):
    config = LogConfig(flush_policy="os", segment_bytes=20_000, index_interval_bytes=500)
    with Log.open(f"{tmp_path}/log", config) as log:
        done = threading.Event()
        wrong = []

        def read():
            while not done.is_set():
                seen = values(log, 0)
                if seen != [(number, b"%d" % number) for number in range(len(seen))]:
                    wrong.append(seen)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(0, 900, 3):
            log.append_many([b"%d" % next_ for next_ in range(number, number + 3)])
        done.set()
        for reader in readers:
            reader.join(60)
        assert not wrong
        assert values(log, 890) == [(number, b"%d" % number) for number in range(890, 900)]


def test_readers_beside_deletions_never_see_a_wrong_record(tmp_path):
    config = LogConfig(flush_policy="os", segment_bytes=2000, index_interval_bytes=100)
    with Log.open(f"{tmp_path}/log", config) as log:
        done = threading.Event()
        wrong, refused = [], []

        def read():
            while not done.is_set():
                try:
                    wrong.extend(record for record in log.read() if record.value != b"%d" % record.offset)
                except (SegmentDeleted, OffsetOutOfRange) as error:
                    refused.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(600):
            log.append(b"%d" % number)
            if number % 50 == 49:
                log.truncate_before(number - 30)
        done.set()
        reader.join(60)
        assert not wrong
        assert log.start_offset == 569


class TestTruncate:
    def test_batches_go_whole(self):
        log = World(SMALL).open()
        for _ in range(20):
            log.append_many([b"a", b"b", b"c"])
        assert log.truncate(31) == 30
        assert log.end_offset == 30
        assert log.truncate(30) == 30
        assert log.append(b"new") == 30
        assert values(log, 29) == [(29, b"c"), (30, b"new")]

    def test_it_is_durable(self):
        world = World(SMALL, disk=SimDisk(), path="/sim/log")
        log = world.open()
        for _ in range(30):
            log.append_many([b"abc" * 20] * 2)
        log.checkpoint()
        log.truncate(17)
        world.disk = world.disk.crash()
        assert world.open().end_offset == 16

    def test_everything_may_go(self):
        world = World(SMALL)
        log = world.open()
        for number in range(100):
            log.append(b"%d" % number)
        assert log.truncate(0) == 0
        assert (log.segment_count, log.size_bytes) == (1, 0)
        assert log.append(b"again") == 0
        assert values(log) == [(0, b"again")]

    def test_a_cut_at_the_beginning_of_a_segment_reopens_the_one_before(self):
        world = World(SMALL)
        log = world.open()
        while log.segment_count < 4:
            log.append(b"x" * 50)
        boundary = log.segments[2].base_offset
        assert log.truncate(boundary) == boundary
        assert log.segment_count == 2
        assert log.append(b"new") == boundary
        assert log.segment_count == 3
        log.close()
        assert values(world.open(), boundary) == [(boundary, b"new")]

    def test_producers_and_epochs_are_as_they_were(self):
        world = World(SMALL)
        log = world.open()
        for number in range(30):
            log.append_batch(produced(9, 0, number * 2, 2), number // 5)
            if number % 7 == 0:
                log.checkpoint()
        log.truncate(41)
        assert log.end_offset == 40
        assert log.epochs.entries == ((0, 0), (1, 10), (2, 20), (3, 30))
        assert log.producers.find(9).batches[-1].last_sequence == 39
        assert log.append_batch(produced(9, 0, 38, 2), 4).duplicate
        assert log.append_batch(produced(9, 0, 40, 2), 4).base_offset == 40
        log.close()
        log = world.open()
        assert log.append_batch(produced(9, 0, 40, 2), 4).duplicate

    def test_what_was_deleted_at_the_beginning_does_not_come_back(self):
        world = World(SMALL)
        log = world.open()
        log.append_many([b"x"] * 10)
        log.truncate_before(5)
        assert log.truncate(7) == 5
        assert (log.start_offset, log.end_offset) == (5, 5)
        assert log.append(b"new") == 5
        world.background.run()
        log.close()
        log = world.open()
        assert (log.start_offset, values(log)) == (5, [(5, b"new")])

    def test_outside_is_told(self):
        log = World(SMALL).open()
        log.append(b"x")
        for offset in (-1, 2):
            with pytest.raises(OffsetOutOfRange):
                log.truncate(offset)
        assert log.truncate(1) == 1

    def test_a_truncation_that_fails_ends_the_writing(self):
        world = World(SMALL, disk=SimDisk(), path="/sim/log")
        log = world.open()
        log.append(b"x")
        world.disk.faults.fail(Fault(Operation.TRUNCATE))
        with pytest.raises(StorageFailed):
            log.truncate(0)
        with pytest.raises(StorageFailed):
            log.append(b"y")


class TestTruncateBefore:
    def test_segments_below_go_and_the_rest_stays(self):
        world = World(SMALL)
        log = world.open()
        for number in range(100):
            log.append(b"%d" % number + b"." * 50)
        log.truncate_before(55)
        assert log.start_offset == 55
        assert log.segments[0].base_offset <= 55 < log.segments[0].next_offset
        assert [offset for offset, _ in values(log)] == list(range(55, 100))
        world.background.run()
        assert len(world.names(".log")) == log.segment_count
        assert world.names(".deleted") == []

    def test_it_is_durable(self):
        world = World(SMALL, disk=SimDisk(), path="/sim/log")
        log = world.open()
        for number in range(100):
            log.append(b"%d" % number)
        log.truncate_before(55)
        world.disk = world.disk.crash()
        log = world.open()
        assert log.start_offset == 55
        assert log.end_offset >= 55

    def test_all_of_it_may_go(self):
        world = World(SMALL)
        log = world.open()
        for number in range(100):
            log.append(b"%d" % number)
        log.truncate_before(100)
        assert values(log) == []
        assert (log.start_offset, log.end_offset, log.segment_count) == (100, 100, 1)
        log.close()
        log = world.open()
        assert (log.start_offset, log.end_offset) == (100, 100)
        assert log.append(b"new") == 100

    def test_it_only_goes_forward(self):
        log = World(SMALL).open()
        log.append_many([b"x"] * 10)
        log.truncate_before(5)
        log.truncate_before(5)
        for offset in (4, 11):
            with pytest.raises(OffsetOutOfRange):
                log.truncate_before(offset)

    def test_producers_outlive_their_batches(self):
        world = World(SMALL)
        log = world.open()
        for number in range(50):
            log.append_batch(produced(9, 0, number), 0)
        for _ in range(50):
            log.append_batch(batch(), 0)
        log.checkpoint()
        log.truncate_before(90)
        world.background.run()
        log.close()
        log = world.open()
        assert log.append_batch(produced(9, 0, 50), 0).base_offset == 100
        assert log.epochs.entries == ((0, 90),)


def test_a_closed_log_is_closed():
    world = World()
    log = world.open()
    log.append(b"x")
    assert not log.is_closed
    log.close()
    log.close()
    assert log.is_closed
    for call in (lambda: log.append(b"x"), lambda: log.append_many([b"x"]), lambda: values(log)):
        with pytest.raises(LogClosed):
            call()


def test_close_tells_of_a_failure_and_closes_all_the_same():
    world = World(disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append(b"x")
    world.disk.faults.fail(Fault(Operation.DATASYNC))
    with pytest.raises(StorageFailed):
        log.close()
    assert log.is_closed


def test_delete_leaves_nothing(tmp_path):
    log = Log.open(f"{tmp_path}/log", LogConfig(flush_policy="os"))
    log.append(b"x")
    range_ = log.read_range(0, 1000)
    log.delete()
    assert not (tmp_path / "log").exists()
    assert range_.file.read(range_.end, 0)
    with pytest.raises(LogClosed):
        log.append(b"x")


def test_a_log_of_its_own_needs_nothing_and_settles_by_itself(tmp_path):
    config = LogConfig(flush_policy="interval", flush_ms=1, segment_bytes=500)
    with Log.open(f"{tmp_path}/log", config, disk=LocalDisk()) as log:
        for number in range(30):
            log.append(b"%d" % number + b"." * 50)
    with Log.open(f"{tmp_path}/log", config) as log:
        assert log.recovery_point == 30
        assert len(values(log)) == 30


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_log_that_nobody_holds_gives_its_descriptors_back_at_once(is_closed):
    """Not when the collector of cycles comes by, even while a checkpoint of it waits for its turn."""
    world = World(SMALL)
    gc.collect()
    gc.disable()
    try:
        before = len(os.listdir("/proc/self/fd"))
        log = world.open()
        for _ in range(20):
            log.append_batch(batch(5), 0)
        assert len(world.background) > 0
        if is_closed:
            log.close()
        del log
        held = len(world.disk.list(world.path))  # The disk in memory has one descriptor for each file.
        assert len(os.listdir("/proc/self/fd")) <= before + held + 1  # One for all closed files.
        world.background.run()
    finally:
        gc.enable()
