"""The checkpoint of compaction."""

from __future__ import annotations

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.log.compaction.first_dirty import (
    COMPACTION,
    COMPACTION_NAME,
    load_first_dirty,
    retreat_first_dirty,
    store_first_dirty,
)


@pytest.fixture
def disk():
    disk = MemoryDisk()
    disk.make_directory("/d")
    return disk


def test_it_is_what_was_stored(disk):
    assert load_first_dirty(disk, "/d") == 0
    store_first_dirty(disk, "/d", 1 << 40)
    assert load_first_dirty(disk, "/d") == 1 << 40
    assert disk.list("/d") == [COMPACTION_NAME]


def test_its_bytes(disk):
    store_first_dirty(disk, "/d", 0x0102)
    file = disk.open(f"/d/{COMPACTION_NAME}")
    data = file.read(file.size(), 0)
    assert data[:4] == b"CWcp"
    assert data[-8:] == b"\x02\x01" + bytes(6)


def test_it_only_goes_back(disk):
    retreat_first_dirty(disk, "/d", 5)
    assert disk.list("/d") == []
    store_first_dirty(disk, "/d", 100)
    retreat_first_dirty(disk, "/d", 101)
    assert load_first_dirty(disk, "/d") == 100
    retreat_first_dirty(disk, "/d", 99)
    assert load_first_dirty(disk, "/d") == 99


def test_a_damaged_one_says_nothing(disk):
    store_first_dirty(disk, "/d", 100)
    disk.open(f"/d/{COMPACTION_NAME}").write([b"\xff"], 20)
    assert load_first_dirty(disk, "/d") == 0
    checkpoint.replace(disk, f"/d/{COMPACTION_NAME}", COMPACTION, b"short")
    assert load_first_dirty(disk, "/d") == 0
