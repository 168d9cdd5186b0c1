"""Records go into the journal and come back, decision by decision."""

from __future__ import annotations

import asyncio

import pytest
from crc32c import crc32c

from cordwood.env.memory_disk import MemoryFile
from cordwood.metadata.records import ClusterRecord, ProducerIdsRecord, RemoveTopic
from cordwood.model.errors import CorruptLog, DirectoryLocked, InvalidMetadata, LogClosed, StorageFailed
from cordwood.model.ids import TopicId
from cordwood.records import batch
from tests.controller.node_of import PATH, World, disk_with

DECISIONS = [
    (ClusterRecord("a cluster"),),
    (ProducerIdsRecord(1, 1000), ProducerIdsRecord(1, 2000)),
    (RemoveTopic(TopicId(b"0123456789abcdef")), ProducerIdsRecord(1, 3000), ProducerIdsRecord(1, 4000)),
]
FLAT = [record for decision in DECISIONS for record in decision]


@pytest.fixture
def world():
    with World() as world:
        yield world


def write_all(world):
    journal = world.journal()
    for decision in DECISIONS:
        journal.write(decision)
    journal.close()


def test_records_come_back(world):
    assert list(world.journal().read()) == []
    with World(world.disk) as other, pytest.raises(DirectoryLocked):
        other.journal()


def test_records_come_back_after_a_restart(world):
    write_all(world)
    journal = world.journal()
    assert list(journal.read()) == FLAT
    journal.close()


def test_a_decision_is_one_batch(world):
    write_all(world)
    counts = [header.record_count for header, _ in batch.batches(world.stored())]
    assert counts == [len(decision) for decision in DECISIONS]


def test_a_crash_leaves_decisions_whole(world):
    write_all(world)
    stored = world.stored()
    lengths = set()
    for cut in range(len(stored) + 1):
        with World(disk_with(stored[:cut])) as crashed:
            journal = crashed.journal()
            found = list(journal.read())
            assert found == FLAT[: len(found)]
            lengths.add(len(found))
            journal.close()
    assert lengths == {0, 1, 3, 6}


def test_damage_is_not_passed_over(world):
    write_all(world)
    stored = bytearray(world.stored())
    stored[70] ^= 1
    with World(disk_with(bytes(stored))) as damaged, pytest.raises(CorruptLog):
        damaged.journal()


def test_a_record_that_is_not_known_is_told_with_its_place(world):
    write_all(world)
    stored = bytearray(world.stored())
    header, first = next(batch.batches(stored))
    assert header.record_count == 1
    position = bytes(first).index(b"cluster_id")
    stored[position - 20 : position] = stored[position - 20 : position].replace(b"cluster", b"unheard")
    covered = bytes(stored[batch.CRC_START : header.length + batch.LENGTH_OVERHEAD])
    stored[batch.CRC_START - 4 : batch.CRC_START] = crc32c(covered).to_bytes(4, "big")
    with World(disk_with(bytes(stored))) as newer:
        journal = newer.journal()
        with pytest.raises(InvalidMetadata, match=f"{PATH}, offset 0: a record cannot be read: .*unheard"):
            list(journal.read())
        journal.close()


@pytest.mark.asyncio
async def test_writing_soon_waits_for_the_disk(world, monkeypatch):
    journal = world.journal()
    synced = []
    monkeypatch.setattr(MemoryFile, "datasync", lambda file: synced.append(file.path))
    await journal.write_soon(DECISIONS[0])
    assert any(path.endswith(".log") for path in synced)
    assert list(journal.read()) == list(DECISIONS[0])
    journal.close()


@pytest.mark.asyncio
async def test_a_disk_that_fails_is_told(world, monkeypatch):
    journal = world.journal()
    await journal.write_soon(DECISIONS[0])

    def fail(file):
        raise StorageFailed(file.path, "fdatasync", OSError("broken"))

    monkeypatch.setattr(MemoryFile, "datasync", fail)
    assert journal.failure is None
    with pytest.raises(StorageFailed, match="broken"):
        await journal.write_soon(DECISIONS[1])
    assert journal.failure is not None
    with pytest.raises(StorageFailed):
        await journal.write_soon(DECISIONS[1])
    journal.close()


@pytest.mark.asyncio
async def test_whoever_waits_may_go(world):
    journal = world.journal()
    waiting = asyncio.ensure_future(journal.write_soon(DECISIONS[0]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await journal.write_soon(DECISIONS[1])
    assert list(journal.read()) == FLAT[:3]
    journal.close()


@pytest.mark.asyncio
async def test_a_closed_journal_takes_nothing(world):
    journal = world.journal()
    journal.close()
    with pytest.raises(LogClosed):
        await journal.write_soon(DECISIONS[0])
