"""A compacted log kept as files: what was once written can always be opened, and is written the same way today.

`python -m tests.log.compaction.test_golden` writes the files that are missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.compaction.first_dirty import COMPACTION_NAME
from cordwood.log.config import LogConfig
from tests.log.compaction.workshop import Workshop
from tests.log.kit import World

FOLDER: Final = Path(__file__).parents[2] / "golden" / "compaction"
CONFIG: Final = LogConfig(flush_policy="os", segment_bytes=800, index_interval_bytes=300)


def written_today() -> Workshop:
    """Some compacted segments with a horizon, a place-holder, a producer's last batch, and a thinned batch."""
    shop = Workshop(CONFIG)
    for number in range(12):
        shop.append((b"k%d" % (number % 3), b"." * 60), (b"once-%d" % number, b"v"), timestamp_ms=1000 * number)
    shop.append((b"k1", None), (b"k2", b"2"), headers=(("name", b"value"),))
    shop.append((b"k2", b"3"), producer_id=4000, producer_epoch=1, base_sequence=7)
    shop.append((b"k2", b"4"))
    shop.roll()
    shop.compact()
    shop.log.close()
    return shop


def golden_files() -> dict[str, bytes]:
    """What compaction writes, by its name."""
    world = written_today()
    names = [name for name in world.names() if name.endswith((".log", ".idx", ".timeidx"))]
    return {name: world.content(name) for name in [*names, COMPACTION_NAME]}


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_it_is_written_the_same_way(name):
    assert golden_files()[name] == (FOLDER / name).read_bytes()


def test_no_file_is_missing():
    assert sorted(golden_files()) == sorted(path.name for path in FOLDER.iterdir())


def test_what_was_written_is_opened_as_it_is():
    world = World(CONFIG, MemoryDisk())
    for path in FOLDER.iterdir():
        world.replace(path.name, path.read_bytes())
    log = world.open()
    assert [record.value for record in log.read() if record.key == b"k2"] == [b"4"]
    assert [record.value for record in log.read() if record.key == b"k1"] == [None]
    assert log.producers.find(4000).batches[-1].last_sequence == 7
    headers = [header for segment in log.segments for _, header in segment.store.headers(0, segment.size_bytes)]
    assert any(header.has_delete_horizon for header in headers)
    assert any(header.record_count == 0 for header in headers)
    assert {path.name: world.content(path.name) for path in FOLDER.iterdir() if path.suffix == ".log"} == {
        path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix == ".log"
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in golden_files().items():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_bytes(data)
