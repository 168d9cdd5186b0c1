"""What a log remembers of itself."""

from __future__ import annotations

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.log.meta import META, META_NAME, PartitionMeta
from cordwood.model.errors import CorruptLog


def disk_with_directory():
    disk = MemoryDisk()
    disk.make_directory("/d")
    return disk


def test_there_is_none_at_first():
    assert PartitionMeta.load(disk_with_directory(), "/d") is None


def test_what_was_stored_is_loaded():
    disk = disk_with_directory()
    meta = PartitionMeta(b"0123456789abcdef", 5, 1 << 40, (5, 1 << 39))
    meta.store(disk, "/d")
    assert PartitionMeta.load(disk, "/d") == meta


def test_a_cut_takes_the_recovery_point_back_and_forgets_segments_behind_it():
    meta = PartitionMeta(start_offset=5, recovery_point=50, aborting=(10, 20, 30))
    assert meta.cut_at(20) == PartitionMeta(start_offset=5, recovery_point=20, aborting=(10,))
    assert meta.cut_at(60) == meta


@pytest.mark.parametrize("size", [5, 31, 33, 41])
def test_a_payload_of_another_size_is_refused(size):
    disk = disk_with_directory()
    checkpoint.replace(disk, f"/d/{META_NAME}", META, bytes(size))
    with pytest.raises(CorruptLog, match=f"{size} bytes"):
        PartitionMeta.load(disk, "/d")


def test_version_one_names_no_segments():
    disk = disk_with_directory()
    for size in (32, 40):
        checkpoint.replace(disk, f"/d/{META_NAME}", META._replace(version=1), bytes(size))
        if size == 32:
            assert PartitionMeta.load(disk, "/d") == PartitionMeta()
    with pytest.raises(CorruptLog, match="version 1"):
        PartitionMeta.load(disk, "/d")
