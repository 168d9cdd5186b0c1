"""Partitions that nobody uses go to rest, and those that were used longest ago when too many files are open."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from cordwood.env.background import Threads
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import LeaderEpoch, TopicPartition
from cordwood.replica.directory import Directory
from cordwood.replica.idling import Idling
from cordwood.replica.partition import Partition
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.replica.test_partition import batch


class Row:
    """Some partitions in a row."""

    def __init__(
        self, count: int = 3, disk: MemoryDisk | SimDisk | None = None, *, open_files_limit: int = 100
    ) -> None:
        self.clock = SimClock()
        self.disk = disk or MemoryDisk()
        root = "/mem" if isinstance(self.disk, MemoryDisk) else "/sim"
        flusher = Flusher(Threads(1), self.clock)
        directory = Directory(root, self.disk, 0, lambda _: None)
        config = LogConfig(flush_policy="os", segment_bytes=100)
        self.partitions = []
        for number in range(count):
            name = TopicPartition("t", number)
            log = Log.open(f"{root}/{name}", config, disk=self.disk, clock=self.clock, flusher=flusher, lock=False)
            partition = Partition(name, log, directory, flusher, lambda call, *args: call(*args))
            partition.lead(LeaderEpoch(0))
            partition.append(batch())
            self.partitions.append(partition)
        self.idling = Idling(self, self.clock, idle_ms=1000, open_files_limit=open_files_limit)

    def all(self) -> Collection[Partition]:
        return self.partitions

    def look(self) -> list[bool]:
        """Looks once more after a quarter of the time; who rests."""
        self.idling.look()
        self.clock.advance(self.idling.interval_ms)
        return [partition.log.at_rest is not None for partition in self.partitions]


def test_who_is_not_used_for_a_while_rests() -> None:
    row = Row()
    assert row.idling.interval_ms == 250
    for _ in range(4):
        row.partitions[1].append(batch())
        row.partitions[2].bytes_out += 1
        assert row.look() == [False, False, False]
    assert row.look() == [True, False, False]
    row.look()
    row.look()
    assert row.look() == [True, True, True]
    row.partitions[0].log.wake()
    for _ in range(4):
        assert row.look() == [False, True, True]
    assert row.look() == [True, True, True]
    assert row.partitions[0].log.append(b"x") == 1


def test_too_many_open_files_are_closed_those_first_that_were_used_longest_ago() -> None:
    row = Row(4, open_files_limit=4)
    for number in (0, 1, 2):
        row.partitions[number].append(batch())
    assert sum(partition.log.segment_count for partition in row.partitions) == 7
    assert row.look() == [False] * 4, "all were used just now"
    for number in (3, 0):
        row.partitions[number].bytes_out += 1
    assert row.look() == [False, True, True, False]
    assert row.look() == [False, True, True, False]


def test_a_log_that_fails_keeps_no_other_awake() -> None:
    disk = SimDisk()
    row = Row(2, disk)
    for _ in range(4):
        row.look()
    disk.faults.fail(Fault(Operation.DATASYNC))
    assert row.look() == [False, True]
    assert row.partitions[0].log.failure is not None
    row.partitions[0].log.abandon()
    assert row.look() == [False, True]


def test_a_log_that_is_damaged_keeps_no_other_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row(2)
    for _ in range(4):
        row.look()

    def damaged() -> None:
        raise CorruptLog("x", 0, "rot")

    monkeypatch.setattr(row.partitions[0].log, "checkpoint", damaged)
    assert row.look() == [False, True]
