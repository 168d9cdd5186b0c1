"""Which files go when a log is cut at one of its ends."""

from __future__ import annotations

from cordwood.log.backend import FileKind
from cordwood.log.bounds import remove_outdated_snapshots, remove_segments, remove_snapshots
from tests.log.kit import World


def with_snapshots(*offsets):
    backend = World().backend()
    for offset in offsets:
        backend.open(offset, FileKind.SNAPSHOT, create=True)
    return backend


def test_all_files_of_a_segment_go():
    world = World()
    first, second = world.segment(0), world.segment(10)
    for segment in (first, second):
        segment.write_indexes()
    remove_segments(world.backend(), [first])
    assert first.deleted
    assert not second.deleted
    left = [name for name in world.names() if not name.endswith(".deleted")]
    assert left == [f"{10:020d}{suffix}" for suffix in (".idx", ".log", ".timeidx")]


def test_snapshots_above_and_below():
    backend = with_snapshots(0, 5, 10, 15)
    remove_snapshots(backend, above=10)
    assert backend.list(FileKind.SNAPSHOT) == [0, 5, 10]
    remove_snapshots(backend, below=10, keep=(5,))
    assert backend.list(FileKind.SNAPSHOT) == [5, 10]


def test_the_newest_snapshot_before_the_start_stays():
    backend = with_snapshots(0, 5, 10, 15)
    remove_outdated_snapshots(backend, 12)
    assert backend.list(FileKind.SNAPSHOT) == [10, 15]
    remove_outdated_snapshots(backend, 3)
    assert backend.list(FileKind.SNAPSHOT) == [10, 15]
