"""The directory of snapshots: the newest whole one counts, whatever happened while it was written."""

from __future__ import annotations

import pytest

from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.env.dice import SeededDice
from cordwood.model.errors import CorruptLog
from cordwood.raft import Position, Snapshot
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed
from cordwood.sim.stops import Stop, stops
from tests.consensus.kit import THREE

PATH = "/sim/snapshots"


def snapshot(index: int) -> Snapshot:
    return Snapshot(index, 2, THREE)


def test_the_newest_whole_one_counts():
    disk = SimDisk()
    files = SnapshotFiles(disk, PATH)
    assert files.newest() is None
    for index in (9, 100, 20):
        files.write(snapshot(index), [b"state at %d" % index])
    assert files.newest() == snapshot(100)
    disk.open(files.name_of(Position(2, 100))).write([b"x"], 30)
    assert files.newest() == snapshot(20)
    assert [type(error) for error in files.damaged] == [CorruptLog]
    assert list(files.parts(Position(2, 20))) == [b"state at 20"]


def test_old_ones_are_removed():
    files = SnapshotFiles(SimDisk(), PATH)
    for index in (9, 20, 100):
        files.write(snapshot(index), [])
    assert files.remove_before(100) == 2
    assert files.remove_before(100) == 0
    assert files.newest() == snapshot(100)


def test_a_stop_at_any_operation_leaves_the_old_one_or_the_new_one():
    found = set()
    for number in range(1, 40):
        disk = SimDisk(SeededDice(number))
        files = SnapshotFiles(disk, PATH)
        files.write(snapshot(5), [b"old"])
        disk.faults.crash_at(disk.faults.operations + number % 13, in_the_middle=number % 2 == 1)
        try:
            files.write(snapshot(8), [b"new" * 2000])
            files.remove_before(8)
            found.add("done")
        except Crashed:
            files = SnapshotFiles(disk.crash(), PATH)
            assert all(name.startswith("snapshot-") and len(name) == 50 for name in files._disk.list(PATH))
        newest = files.newest()
        assert newest in (snapshot(5), snapshot(8))
        found.add(newest.index)
    assert found == {5, 8, "done"}


def test_what_was_found_once_is_there_for_good():
    """Whoever gave a file its name may have died before that was durable, and the log is cut behind it from now on."""
    disk, dice, found = SimDisk(), SeededDice(1), set()

    def examine(stop: Stop) -> None:
        newest = SnapshotFiles(stop.disk, PATH).newest()
        assert SnapshotFiles(stop.disk.crash(), PATH).newest() == newest
        found.add(newest)

    files = SnapshotFiles(disk, PATH)
    with stops(disk, dice, examine):
        files.write(snapshot(8), [b"new"])
    assert found == {None, snapshot(8)}


def test_what_was_received_counts_when_it_is_whole():
    source, files = SnapshotFiles(SimDisk(), PATH), SnapshotFiles(SimDisk(), PATH)
    source.write(snapshot(7), [b"state"])
    whole = source.open(Position(2, 7))
    file = files.begin(Position(2, 7))
    file.write([whole.read(10, 0)], 0)
    with pytest.raises(CorruptLog):
        files.finish(file)
    assert files.newest() is None
    file = files.begin(Position(2, 7))
    file.write([whole.read(whole.size(), 0)], 0)
    assert files.finish(file) == files.newest() == snapshot(7)
    files.abandon(files.begin(Position(2, 9)))
    assert len(files._disk.list(PATH)) == 1
