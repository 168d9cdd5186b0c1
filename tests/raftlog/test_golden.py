"""A log kept as files: the sample of the crate's own compatibility test, which either program opens and writes.

`python -m tests.raftlog.test_golden` writes the files that are missing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

from cordwood.raftlog.records import RaftLogState
from tests.raftlog.kit import World, build_sample, dumped, read_all

FOLDER: Final = Path(__file__).parents[1] / "golden" / "raftlog"
DUMP: Final = "dump.txt"


def golden_files() -> dict[str, bytes]:
    """Every file by its name, with what would be written today."""
    world = World()
    log = world.open()
    log.save_vote((1, 7))
    build_sample(log)
    log.save_user_data("mine")
    text = dumped(log)
    log.close()
    return {name: world.content(name) for name in world.names()} | {DUMP: text.encode()}


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_it_is_written_the_same_way(name):
    assert golden_files()[name] == (FOLDER / name).read_bytes()


def test_no_file_is_missing():
    assert sorted(golden_files()) == sorted(path.name for path in FOLDER.iterdir())


def test_what_was_written_is_opened_as_it_is():
    world = World()
    for path in FOLDER.glob("*.wal"):
        world.put(path.name, path.read_bytes())
    log = world.open()
    assert log.log_state() == RaftLogState((1, 7), (2, 7), (1, 2), (1, 1), "mine")
    assert [f"{log_id}: {payload}" for log_id, payload in read_all(log)] == [
        "(2, 2): world",
        "(2, 3): foo",
        "(2, 4): world",
        "(2, 5): foo",
        "(2, 6): bar",
        "(2, 7): wow",
    ]
    assert dumped(log) == (FOLDER / DUMP).read_text()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in golden_files().items():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_bytes(data)
            sys.stdout.write(f"{FOLDER / name}\n")
