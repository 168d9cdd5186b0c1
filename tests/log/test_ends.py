"""Retention moves the beginning of a log; truncation is tested with the log itself (test_log.py)."""

from __future__ import annotations

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.model.errors import OffsetOutOfRange
from cordwood.model.ids import TimestampMs
from cordwood.records.builder import build_batch
from cordwood.records.record import Record

DAY = 24 * 60 * 60 * 1000


class HandClock:
    def __init__(self) -> None:
        self.now = 100 * DAY

    def now_ms(self) -> TimestampMs:
        return TimestampMs(self.now)

    def monotonic(self) -> float:
        return self.now / 1000


def filled(clock: HandClock, **config: int) -> Log:
    """Ten segments of one record each, a day apart, the newest now."""
    log = Log.open("/log", LogConfig(flush_policy="os", segment_bytes=100, **config), disk=MemoryDisk(), clock=clock)
    for day in range(10):
        log.append(b"x" * 50, timestamp_ms=clock.now - (9 - day) * DAY)
    assert log.segment_count == 10
    return log


def test_by_time() -> None:
    clock = HandClock()
    log = filled(clock, retention_ms=3 * DAY)
    retained = log.retain(log.end_offset)
    assert (log.start_offset, log.segment_count, retained.segments) == (6, 4, 6)
    assert [record.offset for record in log.read()] == [6, 7, 8, 9]
    with pytest.raises(OffsetOutOfRange):
        list(log.read(5))


def test_by_size() -> None:
    clock = HandClock()
    log = filled(clock)
    one = log.size_bytes // 10
    log.reconfigure(LogConfig(flush_policy="os", segment_bytes=100, retention_bytes=4 * one))
    assert log.retain(log.end_offset).removed_bytes == 6 * one
    assert (log.start_offset, log.size_bytes) == (6, 4 * one)


def test_never_past_the_high_watermark() -> None:
    log = filled(HandClock(), retention_ms=0)
    log.retain(4)
    assert log.start_offset == 4


def test_an_outlived_active_segment_is_closed_and_goes() -> None:
    clock = HandClock()
    log = filled(clock, retention_ms=DAY)
    clock.now += 30 * DAY
    log.retain(log.end_offset)
    assert (log.start_offset, log.end_offset, log.segment_count, log.size_bytes) == (10, 10, 1, 0)
    assert log.append(b"next") == 10


def test_it_holds_after_reopening() -> None:
    clock = HandClock()
    disk = MemoryDisk()
    config = LogConfig(flush_policy="os", segment_bytes=100, retention_ms=3 * DAY)
    with Log.open("/log", config, disk=disk, clock=clock) as log:
        for day in range(10):
            log.append(b"x" * 50, timestamp_ms=clock.now - (9 - day) * DAY)
        log.retain(log.end_offset)
    with Log.open("/log", config, disk=disk, clock=clock) as log:
        assert [record.offset for record in log.read()] == [6, 7, 8, 9]


def test_removed_files_stay_for_their_delay() -> None:
    clock = HandClock()
    disk = MemoryDisk()
    config = LogConfig(flush_policy="os", segment_bytes=100, retention_ms=3 * DAY, delete_delay_ms=60_000)
    log = Log.open("/log", config, disk=disk, clock=clock)
    for day in range(10):
        log.append(b"x" * 50, timestamp_ms=clock.now - (9 - day) * DAY)
    log.retain(log.end_offset)

    def removed() -> int:
        return sum(name.endswith(".deleted") and ".log." in name for name in disk.list("/log"))

    log.clean()
    assert removed() == 6
    clock.now += 60_000
    log.clean()
    assert removed() == 0


def test_producers_outlived_are_forgotten_though_nothing_is_written() -> None:
    clock = HandClock()
    log = Log.open("/log", LogConfig(flush_policy="os", producer_expiry_ms=1000), disk=MemoryDisk(), clock=clock)
    for producer_id, transactional in ((7, False), (8, True)):
        fields = {"producer_id": producer_id, "producer_epoch": 0, "base_sequence": 0, "transactional": transactional}
        log.append_batch(bytearray(build_batch([Record(0, clock.now, None, b"x")], **fields)), 0)
    clock.now += 999
    log.forget_producers()
    assert [producer_id for producer_id, _ in log.producers] == [7, 8]
    clock.now += 1
    log.forget_producers()
    assert [producer_id for producer_id, _ in log.producers] == [8]  # Its transaction is open.
