"""A log kept as files: what was once written can always be opened, and is written the same way today.

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
from cordwood.records.record import Record
from tests.log.kit import World, batch, produced

FOLDER: Final = Path(__file__).parents[1] / "golden" / "log"
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
        CLEAN_MARKER.removeprefix("."): checkpoint.encode(CLEAN, b"")
    }


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_it_is_written_the_same_way(name):
    assert golden_files()[name] == (FOLDER / name).read_bytes()


def test_no_file_is_missing():
    assert sorted(golden_files()) == sorted(path.name for path in FOLDER.iterdir())


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


if __name__ == "__main__":
    for name, data in golden_files().items():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_bytes(data)
