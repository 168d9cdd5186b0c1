"""The face of the log that a broker sees: batches in, ranges out."""

from __future__ import annotations

import threading

import pytest

from cordwood.log.batch_log import SETTLE_BYTES, Appended
from cordwood.log.config import LogConfig
from cordwood.model.errors import (
    CorruptBatch,
    DiskFull,
    InvalidBatch,
    InvalidProducerEpoch,
    InvalidTimestamp,
    LogClosed,
    OffsetOutOfRange,
    OutOfOrderSequence,
    RecordTooLarge,
    StorageFailed,
)
from cordwood.records.batch import batches, check_stored_batch, parse_header
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import OS, SMALL, World, batch, produced, values

COMMIT = LogConfig()


def headers(log):
    """The batches of a log as its ranges give them."""
    found, offset = [], log.start_offset
    while (range_ := log.read_range(offset, 1 << 20)) is not None:
        found += [header for header, _ in batches(range_.file.view(range_.start, range_.end))]
        offset = found[-1].next_offset
    return found


def test_a_batch_is_stamped_and_written_as_it_came():
    log = World().open()
    first, second = batch(3), batch(2)
    assert log.append_batch(first, 5) == Appended(0, 3)
    assert log.append_batch(second, 6) == Appended(3, 5)
    assert [(header.base_offset, header.leader_epoch) for header in headers(log)] == [(0, 5), (3, 6)]
    range_ = log.read_range(0, 1 << 20)
    assert bytes(range_.file.view(range_.start, range_.end)) == bytes(first) + bytes(second)
    assert check_stored_batch(second).next_offset == log.end_offset == 5
    assert Appended(3, 5).last_offset == 4
    assert log.end_offset_for_epoch(5) == (5, 3)


def damaged(position, value):
    view = batch(3)
    view[position] = value
    return view


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (damaged(70, 0xFF), CorruptBatch),
        (damaged(16, 1), InvalidBatch),
        (damaged(11, 0xFF), InvalidBatch),
        (damaged(7, 1), InvalidBatch),
        (batch(3)[:-1], InvalidBatch),
        (memoryview(bytearray(bytes(batch()) + bytes(batch()))), InvalidBatch),
        (memoryview(bytearray(20)), InvalidBatch),
        (memoryview(bytearray()), InvalidBatch),
        (batch(1, size=2_000_000), RecordTooLarge),
        (produced(7, 0, -1), InvalidBatch),
        (produced(9, 0, 7), OutOfOrderSequence),
        (produced(9, -1, 0), InvalidProducerEpoch),
    ],
)
def test_what_is_refused_leaves_nothing(bad, error):
    world = World()
    log = world.open()
    log.append_batch(produced(9, 0, 0), 0)
    size, before = world.store().size(), bytes(bad)
    with pytest.raises(error):
        log.append_batch(bad, 0)
    assert (log.end_offset, log.size_bytes, world.store().size()) == (1, size, size)
    assert bytes(bad) == before


def test_a_retry_gets_the_offsets_of_the_first_time():
    world = World()
    log = world.open()
    log.append_batch(produced(9, 0, 0, 3), 0)
    log.append_batch(produced(9, 0, 3, 2), 0)
    assert log.append_batch(produced(9, 0, 0, 3), 0) == Appended(0, 3, duplicate=True)
    log.close()
    log = world.open()
    assert log.append_batch(produced(9, 0, 3, 2), 0) == Appended(3, 5, duplicate=True)
    assert log.end_offset == 5


def test_a_batch_that_was_not_written_was_not_sent():
    world = World(disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append_batch(produced(9, 0, 0), 0)
    world.disk.faults.fail(Fault(Operation.WRITE, number=28))
    with pytest.raises(DiskFull):
        log.append_batch(produced(9, 0, 1), 4)
    assert log.failure is None
    assert log.epochs.latest == 0
    assert log.append_batch(produced(9, 0, 1), 4) == Appended(1, 2)


def test_a_failed_write_ends_the_writing():
    world = World(disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append_batch(batch(), 0)
    world.disk.faults.fail(Fault(Operation.WRITE))
    for _ in range(2):
        with pytest.raises(StorageFailed):
            log.append_batch(batch(), 0)
    assert log.failure is not None
    assert len(values(log)) == 1
    log.close()
    assert len(values(world.open())) == 1


def test_the_clock_of_the_log_can_stamp_the_records():
    world = World(LogConfig(flush_policy="os", timestamp_type="LogAppendTime", timestamp_after_max_ms=1))
    log = world.open()
    now = world.clock.now_ms()
    assert log.append_batch(produced(9, 0, 0, 2), 0) == Appended(0, 2, now)
    world.clock.advance(50)
    assert log.append_batch(produced(9, 0, 0, 2), 0) == Appended(0, 2, now, duplicate=True)
    assert [record.timestamp_ms for record in log.read()] == [now, now]
    (header,) = headers(log)
    assert header.is_log_append_time


def test_timestamps_may_be_limited():
    world = World(LogConfig(flush_policy="os", timestamp_before_max_ms=1000, timestamp_after_max_ms=500))
    log = world.open()
    now = world.clock.now_ms()
    for late in (now - 1001, now + 501):
        with pytest.raises(InvalidTimestamp) as raised:
            log.append_batch(batch(1, timestamp_ms=late), 0)
        assert raised.value.timestamp_ms == late
    for right in (now - 1000, now + 500):
        log.append_batch(batch(1, timestamp_ms=right), 0)
    log.append_batch(batch(1, timestamp_ms=-1), 0)


def test_it_rotates_by_size_and_reads_across():
    world = World(SMALL)
    log = world.open()
    for number in range(50):
        log.append_batch(batch(2, start=number), number // 10)
    assert log.segment_count == len(world.names(".log")) > 3
    assert all(segment.size_bytes <= SMALL.segment_bytes for segment in log.segments)
    assert log.size_bytes == sum(segment.size_bytes for segment in log.segments)
    assert [header.base_offset for header in headers(log)] == list(range(0, 100, 2))
    assert log.epochs.entries == tuple((epoch, epoch * 20) for epoch in range(5))


def test_it_rotates_by_age():
    world = World(LogConfig(flush_policy="os", segment_ms=1000))
    log = world.open()
    for timestamp in (0, 1000, 1001, 1500, 3000):
        log.append_batch(batch(1, timestamp_ms=timestamp), 0)
    assert [segment.base_offset for segment in log.segments] == [0, 2, 4]


def test_a_rotation_that_fails_leaves_the_log_as_it_was():
    world = World(SMALL, disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append_batch(batch(1, size=800), 0)
    world.disk.faults.fail(Fault(Operation.OPEN, number=28, suffix=".log"))
    with pytest.raises(DiskFull):
        log.append_batch(batch(1, size=800), 0)
    assert (log.segment_count, log.end_offset) == (1, 1)
    assert log.append_batch(batch(1, size=800), 0) == Appended(1, 2)
    assert log.segment_count == 2


class TestRanges:
    @pytest.fixture
    def log(self):
        log = World(SMALL).open()
        for number in range(60):
            log.append_batch(batch(2, start=number), 0)
        return log

    def test_a_range_begins_with_the_batch_that_holds_the_offset(self, log):
        for offset in range(120):
            range_ = log.read_range(offset, 1)
            (header,) = [header for header, _ in batches(range_.file.view(range_.start, range_.end))]
            assert header.base_offset == range_.base_offset == offset - offset % 2

    def test_a_range_is_whole_batches_below_its_limit(self, log):
        size = len(batch(2, start=50))
        for max_bytes in (size, size + 1, 3 * size, 3 * size - 1, 100_000):
            for limit in range(2, 121, 2):
                for offset in range(0, limit, 7):
                    range_ = log.read_range(offset, max_bytes, end_offset=limit)
                    found = [header for header, _ in batches(range_.file.view(range_.start, range_.end))]
                    assert sum(header.size_bytes for header in found) == range_.end - range_.start <= max_bytes
                    assert found[-1].next_offset <= limit

    def test_there_is_nothing_at_the_end(self, log):
        assert log.read_range(120, 1000) is None
        assert log.read_range(50, 1000, end_offset=50) is None
        assert log.read_range(60, 1000, end_offset=50) is None
        assert log.read_range(0, 1000, end_offset=0) is None
        assert log.read_range(50, 1000, end_offset=51) is None
        assert log.read_range(119, 1000, end_offset=500) is not None

    def test_one_batch_comes_unless_it_is_not_wanted(self, log):
        assert log.read_range(0, 0) is not None
        assert log.read_range(0, 5, min_one=False) is None
        assert log.read_range(0, 500, min_one=False) is not None

    def test_outside_is_told(self, log):
        log.truncate_before(10)
        for offset in (-1, 9, 121):
            with pytest.raises(OffsetOutOfRange) as raised:
                log.read_range(offset, 1000)
            assert (raised.value.attempted, raised.value.start, raised.value.end) == (offset, 10, 120)

    def test_a_range_outlives_its_segment(self, log):
        range_ = log.read_range(0, 1000)
        before = bytes(range_.file.view(range_.start, range_.end))
        log.truncate_before(100)
        log._backend.clean()
        assert range_.file.read(range_.end - range_.start, range_.start) == before


def test_a_new_leader_is_noted_before_it_writes():
    log = World().open()
    log.append_batch(batch(2), 1)
    log.assign_epoch(4)
    assert log.end_offset_for_epoch(1) == (1, 2)
    assert log.end_offset_for_epoch(4) == (4, 2)
    log.append_batch(batch(2), 4)
    assert log.epochs.entries == ((1, 0), (4, 2))


def test_a_new_configuration_takes_effect_with_the_next_append():
    log = World().open()
    log.reconfigure(LogConfig(flush_policy="os", max_message_bytes=10))
    with pytest.raises(RecordTooLarge):
        log.append_batch(batch(), 0)
    assert log.config.max_message_bytes == 10


def test_appending_waits_for_no_sync():
    world = World(COMMIT, disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append_batch(batch(), 0)
    assert log.synced_offset == 0
    log.sync()
    assert log.synced_offset == 1


def test_a_checkpoint_keeps_no_append_from_its_sync():
    log = World(COMMIT).open()
    log.append_batch(batch(), 0)
    with log._durability.lock:
        thread = threading.Thread(target=log.sync, args=(1,))
        thread.start()
        thread.join(10)
    assert log.synced_offset == 1


def test_under_interval_the_flusher_is_asked_once_until_it_syncs():
    world = World(LogConfig(flush_policy="interval", flush_ms=100), disk=SimDisk(), path="/sim/log")
    log = world.open()
    asked = []
    log._flusher.sync_within = lambda *wish: asked.append(wish)
    log.append_batch(batch(), 0)
    log.append_batch(batch(), 0)
    assert asked == [(log, 100)]
    log.sync()
    log.append_batch(batch(), 0)
    assert len(asked) == 2


@pytest.mark.parametrize(("config", "settles"), [(COMMIT, 1), (OS, 0)])
def test_a_log_that_syncs_is_checkpointed_after_so_many_bytes(config, settles):
    world = World(config)
    log = world.open()
    log._unsettled_bytes = SETTLE_BYTES - 100
    log.append_batch(batch(), 0)
    log.append_batch(batch(), 0)
    assert len(world.background) == settles
    world.background.run()
    assert log.recovery_point == 2 * settles


def test_a_rotation_is_checkpointed_in_the_background():
    world = World(SMALL)
    log = world.open()
    while log.segment_count < 3:
        log.append_batch(produced(9, 0, log.end_offset), 0)
    assert log.recovery_point == 0
    world.background.run()
    assert log.recovery_point == log.synced_offset == log.end_offset
    bases = [segment.base_offset for segment in log.segments[1:]]
    assert world.names(".snapshot") == [f"{offset:020d}.snapshot" for offset in (*bases, log.end_offset)]


def test_a_full_disk_spoils_no_checkpoint_for_ever():
    world = World(disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append_batch(batch(), 7)
    world.disk.faults.fail(Fault(Operation.WRITE, number=28, suffix=".new"))
    with pytest.raises(DiskFull):
        log.checkpoint()
    assert log.failure is None
    assert log.synced_offset == 1
    assert log.epochs.changed
    log.checkpoint()
    assert log.recovery_point == 1
    assert not log.has_news


def test_a_checkpoint_that_fails_ends_the_writing():
    world = World(disk=SimDisk(), path="/sim/log")
    log = world.open()
    log.append_batch(batch(), 7)
    world.disk.faults.fail(Fault(Operation.RENAME))
    with pytest.raises(StorageFailed):
        log.checkpoint()
    with pytest.raises(StorageFailed):
        log.append_batch(batch(), 7)


def test_a_topic_id_is_remembered():
    world = World()
    log = world.open()
    assert log.topic_id == bytes(16)
    log.set_topic_id(b"0123456789abcdef")
    assert world.open().topic_id == b"0123456789abcdef"


def test_a_closed_log_takes_nothing():
    log = World().open()
    log.close()
    for call in (
        lambda: log.append_batch(batch(), 0),
        log.sync,
        log.checkpoint,
        lambda: log.truncate(0),
        lambda: log.truncate_before(0),
    ):
        with pytest.raises(LogClosed):
            call()


def test_silent_producers_are_forgotten_at_a_checkpoint():
    world = World(LogConfig(flush_policy="os", producer_expiry_ms=1000))
    log = world.open()
    log.append_batch(produced(9, 0, 0), 0)
    world.clock.advance(1001)
    log.append_batch(produced(10, 0, 0), 0)
    log.checkpoint()
    assert [producer_id for producer_id, _ in log.producers] == [10]
    assert parse_header(batch()).producer_id == -1
