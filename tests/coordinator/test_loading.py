"""A shard is read back piece by piece, and what a later record overrides is not decoded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cordwood.coordinator.loading import TransactionEnd, load, read_piece
from cordwood.coordinator.stored.codec import encode
from cordwood.groups.classic.records import GroupRemoved, GroupStored
from cordwood.groups.listing import DescribeClassic, describe
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.groups.record import Record
from cordwood.groups.removal import DeleteGroup
from cordwood.groups.shard import Shard
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.model.errors import CorruptLog
from cordwood.records import record as batches
from cordwood.records.batch import Codec
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from tests.coordinator.rig import KIND, Rig, commit
from tests.groups.driver import Driver
from tests.log.compaction.workshop import Workshop


def opened(disk: SimDisk) -> Log:
    flusher = SimFlusher()
    return Log.open("/log", LogConfig(flush_policy="os"), disk=disk, clock=flusher.clock, flusher=flusher)


def pairs(*records: Record) -> list[batches.Record]:
    return [batches.Record(0, 1_000, *encode(record)) for record in records]


def put(log: Log, *records: Record, codec: Codec = Codec.NONE) -> None:
    """One batch."""
    log.append_records(pairs(*records), codec=codec)


def put_raw(log: Log, batch: bytes) -> None:
    """A batch of a transaction, as replication and recovery put it there."""
    log._write(memoryview(batch), len(batch), log.end_offset + 1, 1_000, 1_000)


def read(log: Log, max_bytes: int = 1 << 20) -> list[Record | TransactionEnd]:
    offset = int(log.start_offset)
    found: list[Any] = []
    while offset < log.end_offset:
        piece = read_piece(log, offset, decode=KIND.decode, end=log.end_offset, max_bytes=max_bytes)
        found += piece.changes
        offset = piece.next_offset
    return found


def at(offset: int, partition: int = 0) -> OffsetCommitted:
    return OffsetCommitted("g", "orders", partition, offset)


def test_the_last_record_of_a_key_is_read_in_its_place():
    log = opened(SimDisk())
    put(log, at(1), at(2, 1), GroupStored("g", 1))
    put(log, at(3), codec=Codec.ZSTD)
    put(log, OffsetRemoved("g", "orders", 1), GroupRemoved("h"))
    assert read(log) == [GroupStored("g", 1), at(3), OffsetRemoved("g", "orders", 1), GroupRemoved("h")]
    piece = read_piece(log, 0, decode=KIND.decode, end=log.end_offset, max_bytes=1 << 20)
    assert (piece.record_count, piece.next_offset) == (6, 6)


def test_pieces_are_bounded():
    log = opened(SimDisk())
    for offset in range(10):
        put(log, at(offset))
    piece = read_piece(log, 0, decode=KIND.decode, end=10, max_bytes=1)
    assert (piece.changes, piece.next_offset) == ([at(0)], 1)
    assert read(log, max_bytes=1) == [at(offset) for offset in range(10)]


def test_records_before_the_beginning_are_not_read():
    log = opened(SimDisk())
    put(log, at(1), at(2, 1), at(3, 2))
    log.truncate_before(1)
    assert read(log) == [at(2, 1), at(3, 2)]


def test_what_a_later_kafka_keeps_is_passed_over():
    log = opened(SimDisk())
    log.append(b"?", key=b"\x03\xe7?")
    log.append(b"no key")
    put(log, at(1))
    assert read(log) == [at(1)]


def test_a_damaged_record_is_named():
    log = opened(SimDisk())
    put(log, at(1))
    log.append(b"\0\x63", key=b"\0\2\0\1g")
    with pytest.raises(CorruptLog, match="cannot be read"):
        read(log)


@pytest.mark.parametrize("marker", list(MarkerType))
def test_transactions_are_read_as_they_came(marker):
    log = opened(SimDisk())
    put(log, at(1))
    batch = build_batch(pairs(at(2)), base_offset=1, producer_id=7, producer_epoch=3, transactional=True)
    put_raw(log, batch)
    put(log, at(3))
    end = Marker(marker, 0)
    put_raw(log, build_marker(end, producer_id=7, producer_epoch=3, timestamp_ms=1_000, base_offset=3))
    pending = OffsetCommitted("g", "orders", 0, 2, producer_id=7, producer_epoch=3)
    assert read(log) == [at(1), pending, at(3), TransactionEnd(7, committed=marker is MarkerType.COMMIT)]


@pytest.mark.asyncio
async def test_a_log_of_many_pieces_is_loaded_whole() -> None:
    rig = await Rig(policy="os").started()
    for offset in range(40):
        await rig.ask(commit("g", offset, offset % 4))
    rig.stop()
    again = await Rig(rig.disk, load_buffer_bytes=100).started()
    assert again.runner.loaded_records == 40
    assert await again.offsets("g") == {("orders", index): 36 + index for index in range(4)}


@pytest.mark.asyncio
async def test_an_empty_log_is_loaded_at_once() -> None:
    rig = await Rig().started()
    assert await load(rig.log, Shard(), rig.kind, rig.around) == 0


@pytest.mark.asyncio
async def test_the_loop_has_turns_while_it_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordwood.coordinator.loading.SLICE_SECONDS", 0.0)
    monkeypatch.setattr("cordwood.coordinator.loading.SLICE_RECORDS", 1)
    rig = await Rig(policy="os").started()
    for offset in range(20):
        await rig.ask(commit(f"g{offset}", offset))
    loading = asyncio.ensure_future(load(rig.log, Shard(), rig.kind, rig.around))
    turns = 0
    while not loading.done():
        rig.flusher.pending.run()
        await asyncio.sleep(0)
        turns += 1
    assert loading.result() == 20
    assert turns >= 20


def test_a_compacted_log_gives_the_same_shard():
    driver = Driver()
    member, generation = driver.classic_member("classic", "orders")
    epoch = driver.consumer_member("consumer", "one", "orders")
    for offset in range(40):
        driver.commit("classic", "orders", offset % 4, offset, member_id=member, generation=generation)
        driver.commit("consumer", "orders", offset % 4, offset, member_id="one", generation=epoch)
        driver.commit("simple", "orders", offset % 4, offset)
    driver.run(DeleteGroup("simple"))
    shop = Workshop()
    for record in driver.written:
        shop.append(encode(record))
    before = shop.log.size_bytes
    shop.compact()
    assert shop.log.size_bytes < before / 4
    shard = Shard()
    for change in read(shop.log):
        assert not isinstance(change, TransactionEnd)
        shard.replay(change)
    assert list(shard.offsets.all()) == list(driver.shard.offsets.all())
    assert shard.groups.keys() == driver.shard.groups.keys() == {"classic", "consumer"}
    restarted = driver.restarted().shard.groups
    assert shard.groups["consumer"] == restarted["consumer"]
    assert describe(shard.groups, DescribeClassic("classic"), driver.turn()) == describe(
        restarted, DescribeClassic("classic"), driver.turn()
    )
