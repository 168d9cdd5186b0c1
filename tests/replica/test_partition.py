"""The high watermark follows the flush policy, and everybody who waits for it is told once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.model.errors import (
    CordwoodError,
    CorruptLog,
    FencedLeaderEpoch,
    InvalidBatch,
    InvalidProducerEpoch,
    LogClosed,
    NotEnoughReplicas,
    StorageFailed,
    UnknownLeaderEpoch,
)
from cordwood.model.ids import LeaderEpoch, Offset, TopicPartition
from cordwood.model.transaction_errors import NotInTransaction
from cordwood.records.batch import batches
from cordwood.records.builder import build_batch, build_values
from cordwood.records.conform import Demands
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from cordwood.replica.directory import Directory
from cordwood.replica.partition import Partition
from cordwood.replica.verifications import Admitted


class HeldFlusher(Flusher):
    """A flusher that answers only when the test says so."""

    def __init__(self) -> None:
        super().__init__(Threads(1), SystemClock())
        self.asked: list[tuple[Any, int, Callable[[CordwoodError | None], None]]] = []

    def notify(self, log: Any, offset: int, callback: Callable[[CordwoodError | None], None]) -> None:
        self.asked.append((log, offset, callback))

    def answer(self, error: CordwoodError | None = None) -> None:
        log, offset, callback = self.asked.pop(0)
        if error is None:
            log.sync(offset)
        callback(error)


class Watcher:
    def __init__(self) -> None:
        self.wakes = 0

    def wake(self) -> None:
        self.wakes += 1


def partition_of(policy: str) -> tuple[Partition, HeldFlusher]:
    flusher = HeldFlusher()
    config = LogConfig(flush_policy=policy)  # type: ignore[arg-type]
    disk = MemoryDisk()
    log = Log.open("/log", config, disk=disk, flusher=flusher)
    directory = Directory("/", disk, 0, lambda _: None)
    partition = Partition(TopicPartition("t", 0), log, directory, flusher, lambda call, *args: call(*args))
    partition.lead(LeaderEpoch(3))
    return partition, flusher


def batch(count: int = 1) -> memoryview:
    return memoryview(bytearray(build_values([b"x"] * count, 1000, 0, -1)))


@pytest.mark.parametrize("policy", ["os", "interval"])
def test_in_the_page_cache_is_enough(policy: str) -> None:
    partition, flusher = partition_of(policy)
    watcher = Watcher()
    partition.add_reader(watcher)
    appended = partition.append(batch(3))
    assert (appended.base_offset, partition.high_watermark, watcher.wakes) == (0, 3, 1)
    assert partition.when_durable(appended.next_offset, pytest.fail)
    assert flusher.asked == []


def test_on_the_device_before_anybody_sees_it() -> None:
    partition, flusher = partition_of("commit")
    watcher, told = Watcher(), list[Any]()
    partition.add_reader(watcher)
    first = partition.append(batch(2))
    assert not partition.when_durable(first.next_offset, told.append)
    second = partition.append(batch())
    assert not partition.when_durable(second.next_offset, told.append)
    assert (partition.high_watermark, watcher.wakes, told) == (0, 0, [])
    assert partition.read(0, 1 << 20, at_least_one=True) is None, "nobody reads what a power failure could take back"
    assert len(flusher.asked) == 1, "one sync at a time"
    flusher.answer()
    assert (partition.high_watermark, told, watcher.wakes) == (3, [None, None], 1), "one sync serves all"
    assert partition.read(0, 1 << 20, at_least_one=True) is not None
    assert flusher.asked == []


def test_a_failed_sync_is_told_to_all_and_for_ever() -> None:
    partition, flusher = partition_of("commit")
    told = list[Any]()
    watcher = Watcher()
    partition.add_reader(watcher)
    for _ in range(2):
        partition.when_durable(partition.append(batch()).next_offset, told.append)
    error = StorageFailed("/log", "fdatasync", OSError(5, "EIO"))
    flusher.answer(error)
    assert told == [error, error]
    assert partition.failure is error
    assert partition.directory.failure is error
    assert watcher.wakes == 1
    with pytest.raises(StorageFailed):
        partition.read(0, 100, at_least_one=True)


def test_closing_tells_those_who_wait() -> None:
    partition, _ = partition_of("commit")
    told = list[Any]()
    partition.when_durable(partition.append(batch()).next_offset, told.append)
    reason = LogClosed("/log")
    partition.close(reason)
    assert told == [reason]


def test_a_policy_can_change_between_appends() -> None:
    partition, flusher = partition_of("os")
    partition.append(batch())
    partition.log.reconfigure(LogConfig(flush_policy="commit"))
    partition.configured()
    partition.append(batch())
    assert partition.high_watermark == 1
    flusher.answer()
    assert partition.high_watermark == 2


def test_batches_carry_the_leader_epoch_and_clients_are_fenced_by_it() -> None:
    partition, _ = partition_of("os")
    partition.append(batch())
    assert partition.log.end_offset_for_epoch(3) == (3, 1)
    partition.check_leader_epoch(-1)
    partition.check_leader_epoch(3)
    with pytest.raises(FencedLeaderEpoch):
        partition.check_leader_epoch(2)
    with pytest.raises(UnknownLeaderEpoch):
        partition.check_leader_epoch(4)
    partition.lead(LeaderEpoch(2))
    assert partition.leader_epoch == 3, "an epoch never goes back"


def test_replicas_that_are_not_there() -> None:
    partition, _ = partition_of("os")
    partition.check_in_sync_replicas()
    partition.min_in_sync_replicas = 2
    with pytest.raises(NotEnoughReplicas):
        partition.check_in_sync_replicas()


def test_traffic_is_counted() -> None:
    partition, _ = partition_of("os")
    data = batch(4)
    partition.append(data)
    assert (partition.messages_in, partition.bytes_in) == (4, len(data))


def test_a_reader_that_left_is_not_woken() -> None:
    partition, _ = partition_of("os")
    watcher = Watcher()
    partition.add_reader(watcher)
    partition.remove_reader(watcher)
    partition.remove_reader(watcher)
    partition.append(batch())
    assert watcher.wakes == 0
    assert partition.when_durable(Offset(1), pytest.fail)


def test_what_the_broker_made_itself_is_taken_as_it_is() -> None:
    partition, flusher = partition_of("commit")
    partition.demands = Demands(keyed=True)  # The batches of these tests have no keys.
    assert partition.append_own(batch(2)).next_offset == 2
    assert not partition.when_durable(Offset(2), lambda error: None)
    flusher.answer()
    assert partition.high_watermark == 2
    partition.fail(StorageFailed("/log", "sync", OSError(5, "Input/output error")))
    with pytest.raises(StorageFailed):
        partition.append_own(batch())


# Transactions.


def transactional(producer_id: int, sequence: int = 0, count: int = 1) -> memoryview:
    records = [Record(0, 1000, None, b"x")] * count
    fields = {"producer_id": producer_id, "producer_epoch": 0, "base_sequence": sequence}
    return memoryview(bytearray(build_batch(records, transactional=True, **fields)))


def committed(partition: Partition, offset: int = 0) -> int:
    """How far a reader of committed records gets."""
    while (found := partition.read(offset, 1 << 20, at_least_one=True, committed=True)) is not None:
        offset = [header.next_offset for header, _ in batches(found.file.view(found.start, found.end))][-1]
    return offset


def test_the_last_stable_offset_is_where_the_oldest_open_transaction_begins() -> None:
    partition, _ = partition_of("os")
    partition.append(batch(2))
    assert partition.last_stable_offset == committed(partition) == 2
    partition.append(transactional(1))
    partition.append(transactional(2))
    partition.append(batch(2))
    assert (partition.last_stable_offset, committed(partition), partition.high_watermark) == (2, 2, 6)
    watcher = Watcher()
    partition.add_reader(watcher)
    assert partition.append_marker(2, 0, MarkerType.ABORT, 0).base_offset == 6
    assert (partition.last_stable_offset, watcher.wakes) == (2, 1)
    partition.append_marker(1, 0, MarkerType.COMMIT, 0)
    assert (partition.last_stable_offset, watcher.wakes) == (8, 2)
    assert committed(partition) == 8
    assert partition.messages_in == 8


def test_a_marker_counts_when_it_is_below_the_high_watermark() -> None:
    partition, flusher = partition_of("commit")
    partition.append(transactional(1))
    partition.append(batch(2))
    flusher.answer()
    assert (partition.high_watermark, partition.last_stable_offset) == (3, 0)
    partition.append_marker(1, 0, MarkerType.COMMIT, 0)
    partition.append(transactional(2))
    assert partition.log.first_undecided_offset() == 4
    assert (partition.high_watermark, partition.last_stable_offset) == (3, 0)
    while flusher.asked:
        flusher.answer()
    assert (partition.high_watermark, partition.last_stable_offset) == (5, 4)


def test_the_brokers_own_batches_need_no_sequence() -> None:
    partition, _ = partition_of("os")
    partition.append_own(transactional(1, sequence=-1))
    assert partition.last_stable_offset == 0
    with pytest.raises(InvalidBatch):
        partition.append(transactional(1, sequence=-1))


def test_a_fenced_marker_is_not_written() -> None:
    partition, _ = partition_of("os")
    partition.append(transactional(1))
    with pytest.raises(InvalidProducerEpoch):
        partition.append_marker(1, -1, MarkerType.COMMIT, 0)
    assert (partition.high_watermark, partition.last_stable_offset) == (1, 0)
    partition.fail(LogClosed("/log"))
    with pytest.raises(LogClosed):
        partition.append_marker(1, 0, MarkerType.COMMIT, 0)


def test_a_marker_takes_away_what_was_verified_before_it() -> None:
    partition, _ = partition_of("os")
    verification = partition.verifications.begin(1, 0, 0)
    assert verification is not None
    partition.append_marker(1, 0, MarkerType.ABORT, 0)
    with pytest.raises(NotInTransaction):
        partition.verifications.check(Admitted(verification, 0))


# A log at rest.


def at_rest(partition: Partition, flusher: HeldFlusher) -> Partition:
    """The partition after it had three records and nobody used it for a while."""
    partition.append(batch(3))
    flusher.answer()
    partition.log.checkpoint()
    assert partition.log.rest()
    return partition


def test_an_append_wakes_the_log_in_the_background_and_keeps_its_turn() -> None:
    partition, flusher = partition_of("commit")
    at_rest(partition, flusher)
    assert partition.append(batch()) is None
    assert partition.log.at_rest is not None
    outcomes = list[Any]()
    turns: list[Callable[[], None]] = []
    partition._post = lambda call, *args: turns.append(lambda: call(*args))
    for count in (1, 2):
        partition.append_later(batch(count), outcomes.append)
    flusher.background.submit(lambda: None).result()
    assert partition.log.at_rest is None
    assert partition.append(batch()) is None, "its turn is behind those two"
    while turns:
        turns.pop(0)()
    assert [appended.base_offset for appended in outcomes] == [3, 4]
    assert partition.append(batch()).base_offset == 6


def test_whoever_waits_at_the_end_does_not_wake_the_log() -> None:
    partition, flusher = partition_of("commit")
    at_rest(partition, flusher)
    for committed in (True, False):
        assert partition.read(3, 1 << 20, at_least_one=True, committed=committed) is None
    assert partition.last_stable_offset == 3
    partition.lead(LeaderEpoch(4))
    assert partition.log.at_rest is not None
    found = partition.read(0, 1 << 20, at_least_one=True, committed=True)
    assert found is not None
    assert partition.log.at_rest is None
    assert partition.log.end_offset_for_epoch(4) == (4, 3)


def test_a_log_that_cannot_be_woken_is_offline() -> None:
    partition, flusher = partition_of("commit")
    at_rest(partition, flusher)
    disk: Any = partition.log._disk
    disk.open(f"/log/{0:020d}.log").truncate(10)
    outcomes = list[Any]()
    partition.append_later(batch(), outcomes.append)
    flusher.background.submit(lambda: None).result()
    assert isinstance(outcomes[0], CorruptLog)
    assert partition.failure is outcomes[0]
    with pytest.raises(CorruptLog):
        partition.append(batch())


def test_a_partition_that_nobody_uses_takes_little() -> None:
    partition, flusher = partition_of("commit")
    names = ("_conversions", "_ending", "_readers", "_verifications", "_waiting")
    assert [getattr(partition, name) for name in names] == [None] * 5
    watcher = Watcher()
    partition.add_reader(watcher)
    told = list[Any]()
    partition.when_durable(Offset(99), told.append)
    assert partition.verifications.begin(1, 0, 0) is not None
    partition.append_marker(1, 0, MarkerType.COMMIT, 0)
    partition.give_back()
    assert [getattr(partition, name) is None for name in names] == [True, True, False, True, False]
    partition.remove_reader(watcher)
    partition.append_later(batch(), lambda _: None)
    flusher.background.submit(lambda: None).result()
    partition.close(LogClosed("x"))
    partition.give_back()
    assert [getattr(partition, name) for name in names] == [None] * 5
