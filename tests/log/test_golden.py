"""Logs kept as files: what was once written can always be opened, and is written the same way today.

`golden/log` has snapshots and a `partition.meta` of version 1, from before there were transactions; `golden/transactions` is
a log with some.

`python -m tests.log.test_golden` writes the files that are missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.log.config import LogConfig
from cordwood.log.manager import CLEAN, CLEAN_MARKER
from cordwood.log.meta import META, META_NAME
from cordwood.log.snapshots import SNAPSHOT, decode_snapshot, encode_snapshot
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from tests.log.kit import World, batch, produced

FOLDER: Final = Path(__file__).parents[1] / "golden" / "log"
TRANSACTIONS: Final = Path(__file__).parents[1] / "golden" / "transactions"
CONFIG: Final = LogConfig(flush_policy="os", segment_bytes=1500, index_interval_bytes=300)
TOPIC_ID: Final = bytes(range(16))


def written_today() -> World:
    """A log with a bit of everything, after a clean stop."""
    world = World(CONFIG)
    log = world.open()
    log.set_topic_id(TOPIC_ID)
    for number in range(12):
        world.clock.advance(10)
        log.append_batch(produced(4000 + number % 2, number % 2, number // 2 * 3, 3), 0)
    log.append_many([b"bare"] * 5, timestamp_ms=5000)
    log.append_records([Record(0, 6000, b"key", None, (("name", b"value"),))])
    for number in range(20):
        log.append_batch(batch(2, timestamp_ms=7000 + number * 10), 3)
    log.append(b"last", timestamp_ms=6500)
    log.truncate_before(4)
    log.close()
    return world


def golden_files() -> dict[str, bytes]:
    """Every file by its name, with what would be written today."""
    world = written_today()
    return {name: world.content(name) for name in world.names()} | {
        CLEAN_MARKER.removeprefix("."): checkpoint.encode(CLEAN, b""),
    }


def transactions_of_today() -> World:
    """A log with transactions that were committed, aborted, aborted twice and left open, after a clean stop."""
    world = World(CONFIG)
    log = world.open()
    for number in range(4):
        for producer_id in (4000, 4001, 4002):
            world.clock.advance(10)
            log.append_batch(produced(producer_id, number, 0, 3, transactional=True), 2)
            log.append_batch(produced(producer_id, number, 3, 2, transactional=True), 2)
        log.append_marker(4000, number, MarkerType.COMMIT, 1, 2)
        log.append_marker(4001, number + 1, MarkerType.ABORT, 1, 2)
        if number < 3:
            log.append_marker(4002, number, MarkerType.ABORT, number, 2)
    log.append_marker(4001, 4, MarkerType.ABORT, 2, 2)
    log.append_batch(own(4003, 0), 2, is_own=True)
    log.close()
    return world


def own(producer_id: int, epoch: int) -> memoryview:
    """A batch of a coordinator: without a sequence."""
    return batch(1, producer_id=producer_id, producer_epoch=epoch, transactional=True)


def transactional_files() -> dict[str, bytes]:
    """As `golden_files`, of the log with transactions."""
    world = transactions_of_today()
    return {name: world.content(name) for name in world.names()}


OLD: Final = (".snapshot", META_NAME)
"""What `golden/log` has in an older version."""


def names_in(folder: Path, *, but: tuple[str, ...] = ()) -> list[str]:
    """The golden files in a folder."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(but))


@pytest.mark.parametrize("name", names_in(FOLDER, but=OLD))
def test_it_is_written_the_same_way(name):
    assert golden_files()[name] == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", names_in(TRANSACTIONS))
def test_transactions_are_written_the_same_way(name):
    assert transactional_files()[name] == (TRANSACTIONS / name).read_bytes()


@pytest.mark.parametrize("name", [path.name for path in FOLDER.glob("*.snapshot")])
def test_snapshots_of_version_one_say_the_same(name):
    written = checkpoint.decode_any(SNAPSHOT, (FOLDER / name).read_bytes(), name)
    assert written.version == 1
    table, offset = decode_snapshot(written.payload, written.version, name)
    assert encode_snapshot(table, offset) == checkpoint.decode(SNAPSHOT, golden_files()[name], name)


def test_a_partition_meta_of_version_one_says_the_same():
    data = (FOLDER / META_NAME).read_bytes()
    assert checkpoint.decode_any(META, data, META_NAME).version == 1
    assert checkpoint.decode(META, golden_files()[META_NAME], META_NAME) == checkpoint.decode(META, data, META_NAME)


def test_no_file_is_missing():
    assert sorted(golden_files()) == names_in(FOLDER)
    assert sorted(transactional_files()) == names_in(TRANSACTIONS)


def test_what_was_written_is_opened_as_it_is():
    world = World(CONFIG, MemoryDisk())
    for path in FOLDER.iterdir():
        if path.name != CLEAN_MARKER.removeprefix("."):
            world.replace(path.name, path.read_bytes())
    before = {name: world.content(name) for name in world.names()}
    log = world.open()
    assert (log.start_offset, log.end_offset, log.topic_id) == (4, 83, TOPIC_ID)
    assert log.segment_count > 2
    assert log.epochs.entries == ((0, 4), (3, 42))
    assert [id_ for id_, _ in log.producers] == [4000, 4001]
    assert log.append_batch(produced(4001, 1, 15, 3), 3).base_offset == 33
    assert log.find_timestamp(7055).offset == 54
    assert len(list(log.read())) == 79
    log.close()
    assert {name: world.content(name) for name in world.names()} == before


def test_transactions_are_found_as_they_were():
    world = World(CONFIG, MemoryDisk())
    for path in TRANSACTIONS.iterdir():
        world.replace(path.name, path.read_bytes())
    log = world.open()
    assert log.segment_count > 2
    assert (log.end_offset, log.first_undecided_offset()) == (73, 64)
    assert log.producers.find(4003).transaction_start == 72
    assert log.producers.find(4001).coordinator_epoch == 2
    assert log.aborted_in(0, 73) == [(4001, 5), (4002, 10), (4001, 23), (4002, 28), (4001, 41), (4002, 46), (4001, 59)]
    log.close()


if __name__ == "__main__":
    for folder, files in ((FOLDER, golden_files()), (TRANSACTIONS, transactional_files())):
        for name, data in files.items():
            if not (folder / name).exists():
                (folder / name).write_bytes(data)
