"""Chunks: their names, and what is found among others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.env.memory_disk import MemoryDisk
from cordwood.raftlog.chunk import Chunk, chunk_name, chunk_start, find_chunks, is_leftover, offset_text


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (0, "r-00_000_000_000_000_000_000.wal"),
        (161, "r-00_000_000_000_000_000_161.wal"),
        (10_100_000_000_001_200_000, "r-10_100_000_000_001_200_000.wal"),
        ((1 << 64) - 1, "r-18_446_744_073_709_551_615.wal"),
    ],
)
def test_names_are_offsets_in_groups_of_three(start, name):
    assert chunk_name(start) == name
    assert chunk_start(name) == start
    assert offset_text(start) in name


@given(start=st.integers(0, (1 << 64) - 1))
def test_every_offset_has_a_name(start):
    assert chunk_start(chunk_name(start)) == start


@pytest.mark.parametrize(
    "name",
    [
        "r-10_100_000_000_001_200_000_1.wal",
        "r-1000000000.wal",
        "r-10_100_000_000_001_200_000.wall",
        "rrr-10_100_000_000_001_200_000.wal",
        "r-10_100_000_000_001_200_00x.wal",
        "r-99_999_999_999_999_999_999.wal",
        "r-1\u0660_100_000_000_001_200_000.wal",
        "R-10_100_000_000_001_200_000.wal",
        "",
    ],
)
def test_other_names_are_no_chunks(name):
    assert chunk_start(name) is None


def test_chunks_are_sorted_and_others_are_warned_of():
    names = ["LOCK", "sync-failed", "notes.txt", chunk_name(161), chunk_name(0), f"{chunk_name(0)}.cut", "x.cut"]
    starts, warnings = find_chunks(names)
    assert starts == [0, 161]
    assert [warning.split()[0] for warning in warnings] == ["notes.txt", "x.cut"]
    assert [name for name in names if is_leftover(name)] == [f"{chunk_name(0)}.cut"]


def test_a_chunk_has_a_file_once_it_is_written():
    disk = MemoryDisk()
    chunk = Chunk("/dir", 161)
    assert (chunk.path, chunk.size_bytes) == ("/dir/r-00_000_000_000_000_000_161.wal", 0)
    with pytest.raises(AssertionError):
        _ = chunk.opened
    disk.make_directory("/dir")
    chunk.file = disk.open(chunk.path, create=True)
    chunk.end = 200
    assert chunk.opened is chunk.file
    assert chunk.size_bytes == 39
