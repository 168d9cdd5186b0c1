"""The durable log of a node: what Raft reads of it, and what a restart, a kill or a power failure leaves."""

from __future__ import annotations

import pytest

from cordwood.consensus.opening import found_group
from cordwood.env.dice import SeededDice
from cordwood.model.errors import CorruptLog
from cordwood.raft import Configuration, Entry, EntryKind, HardState, Snapshot
from cordwood.raft.errors import Compacted, LogDamaged, Unavailable
from cordwood.sim.disk import SimDisk
from tests.consensus.kit import THREE, entries, job, opened
from tests.consensus.world import PATH


@pytest.fixture
def disk() -> SimDisk:
    disk = SimDisk(SeededDice(1))
    found_group(disk, PATH, {1, 2, 3})
    return disk


def test_a_member_that_joins_later_has_nothing():
    storage = opened(SimDisk())
    assert storage.initial_state() == (HardState(), Configuration())
    assert (storage.first_index(), storage.last_index(), storage.term(0)) == (1, 0, 0)


def test_a_first_member_begins_behind_the_first_snapshot(disk):
    storage = opened(disk)
    assert storage.initial_state() == (HardState(term=1, commit=1), THREE)
    assert (storage.first_index(), storage.last_index(), storage.term(1)) == (2, 1, 1)
    assert storage.snapshot() == Snapshot(1, 1, THREE)


def test_entries_are_read_back_as_they_were(disk):
    storage = opened(disk)
    written = [*entries(2, 600), Entry(600, 1, EntryKind.CONF_CHANGE, b"change"), Entry(601, 1)]
    storage.write(job(written, HardState(3, 2, 500)))
    storage.log.close()
    storage = opened(disk.kill())
    assert storage.entries(2, 602, 1 << 30) == written
    assert storage.initial_state()[0] == HardState(3, 2, 500)
    assert storage.term(601) == 1
    with pytest.raises(Unavailable):
        storage.entries(600, 603, 10)
    with pytest.raises(Unavailable):
        storage.term(602)
    with pytest.raises(Compacted):
        storage.entries(1, 3, 10)
    with pytest.raises(Compacted):
        storage.term(0)


def test_a_page_is_within_its_size_but_has_one_entry(disk):
    storage = opened(disk)
    storage.write(job(entries(2, 400)))
    size = entries(2, 3)[0].size
    assert [entry.index for entry in storage.entries(2, 400, 3 * size)] == [2, 3, 4]
    assert [entry.index for entry in storage.entries(2, 400, 1)] == [2]


def test_entries_of_a_later_term_replace_those_there(disk):
    storage = opened(disk)
    storage.write(job(entries(2, 10)))
    storage.write(job(entries(5, 7, term=2), HardState(2, 1, 5)))
    assert [storage.term(index) for index in range(1, 7)] == [1, 1, 1, 1, 2, 2]
    assert storage.last_index() == 6


def test_a_job_that_was_done_in_part_promises_no_vote(disk):
    storage = opened(disk)
    storage.write(job(entries(2, 4), HardState(1, 1, 1)))
    storage.write(job(entries(4, 5, term=5)))
    storage.log.close()
    assert opened(disk.kill()).initial_state()[0] == HardState(5, 0, 1)


def test_a_snapshot_takes_the_place_of_the_log(disk):
    storage = opened(disk)
    storage.write(job([*entries(2, 4), *entries(4, 10, term=7)], HardState(7, 1, 3)))
    snapshot = Snapshot(8, 4, THREE)
    storage.snapshots.write(snapshot, [b"state"])
    storage.write(job(entries(9, 11, term=8), HardState(8, 0, 8), snapshot))
    assert (storage.first_index(), storage.last_index(), storage.term(8)) == (9, 10, 4)
    assert storage.snapshot() == snapshot
    storage.log.close()
    storage = opened(disk.kill())
    assert storage.initial_state() == (HardState(8, 0, 8), THREE)
    assert (storage.first_index(), storage.last_index(), storage.term(8)) == (9, 10, 4)


@pytest.mark.parametrize("last", [3, 8, 12])
def test_a_snapshot_that_the_log_does_not_know_of_is_taken_over(disk, last):
    """The power failed between the snapshot's file and the log."""
    storage = opened(disk)
    storage.write(job([*entries(2, 3), *entries(3, last + 1, term=7)], HardState(7, 1, 2)))
    storage.snapshots.write(Snapshot(8, 4, THREE), [])
    storage.log.close()
    storage = opened(disk.kill())
    assert (storage.first_index(), storage.last_index(), storage.term(8)) == (9, 8, 4)
    assert storage.initial_state()[0] == HardState(7, 1, 8)
    storage.write(job(entries(9, 11, term=8)))
    assert storage.last_index() == 10


def test_an_own_snapshot_cuts_the_log_behind_it(disk):
    storage = opened(disk)
    storage.write(job(entries(2, 40), HardState(1, 1, 39)))
    snapshot = Snapshot(30, 1, THREE)
    storage.snapshots.write(snapshot, [])
    storage.compact(snapshot, 10)
    assert (storage.first_index(), storage.last_index(), storage.term(20)) == (21, 39, 1)
    storage.log.close()
    storage = opened(disk.kill())
    assert (storage.first_index(), storage.last_index()) == (21, 39)
    assert storage.snapshot() == snapshot


def test_a_gap_between_snapshot_and_log_is_damage(disk):
    storage = opened(disk)
    storage.write(job(entries(2, 40), HardState(1, 1, 39)))
    snapshot = Snapshot(30, 1, THREE)
    storage.snapshots.write(snapshot, [])
    storage.compact(snapshot, 0)
    storage.log.close()
    disk = disk.kill()
    disk.unlink(storage.snapshots.name_of(snapshot.position))
    with pytest.raises(CorruptLog, match="begins behind entry 30"):
        opened(disk)
    disk.lock(f"{PATH}/log")  # The directory was given up.


def test_a_snapshot_that_contradicts_what_is_committed_is_damage(disk):
    storage = opened(disk)
    storage.write(job(entries(2, 5, term=7), HardState(7, 1, 4)))
    with pytest.raises(LogDamaged, match="contradicts"):
        storage.install(Snapshot(8, 4, THREE))
