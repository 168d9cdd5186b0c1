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
    meta = PartitionMeta(b"0123456789abcdef", 5, 1 << 40)
    meta.store(disk, "/d")
    assert PartitionMeta.load(disk, "/d") == meta


def test_a_payload_of_another_size_is_refused():
    disk = disk_with_directory()
    checkpoint.replace(disk, f"/d/{META_NAME}", META, b"short")
    with pytest.raises(CorruptLog, match="5 bytes where 32"):
        PartitionMeta.load(disk, "/d")
