"""Writes that a storage in memory refuses; test_storage.py has those that it does."""

from __future__ import annotations

import pytest

from cordwood.raft.configuration import Configuration
from cordwood.raft.errors import Compacted, LogDamaged, SnapshotOutdated
from cordwood.raft.memory_storage import MemoryStorage
from cordwood.raft.state import HardState, Snapshot, bootstrap_snapshot
from tests.raft.cluster import ids, normal, storage_of


def test_a_first_start_has_the_configuration_of_its_snapshot():
    storage = MemoryStorage(bootstrap_snapshot(Configuration(ids(1))))
    assert storage.initial_state() == (HardState(1, 0, 1), Configuration(ids(1)))
    assert MemoryStorage().initial_state() == (HardState(), Configuration())


def test_a_hard_state_is_kept():
    storage = MemoryStorage()
    storage.set_hard_state(HardState(3, 1, 0))
    assert storage.initial_state()[0] == HardState(3, 1, 0)


@pytest.mark.parametrize("index", [1, 5])
def test_entries_leave_no_gap(index):
    with pytest.raises(LogDamaged, match="do not fit"):
        storage_of(1, 1).append([normal(index, 1)])


def test_no_entries_are_no_change():
    storage = storage_of(1)
    storage.append([])
    assert storage.last_index() == 2


def test_a_snapshot_only_goes_forward():
    storage = storage_of(1, 1)
    storage.create_snapshot(3, Configuration(ids(1)))
    with pytest.raises(SnapshotOutdated):
        storage.create_snapshot(2, Configuration(ids(1)))
    with pytest.raises(SnapshotOutdated):
        storage.install_snapshot(Snapshot(3, 1, Configuration()))


def test_a_snapshot_stays_in_front_of_the_log():
    storage = storage_of(1, 2, 2)
    assert storage.create_snapshot(3, Configuration(ids(1)), b"state").term == 2
    with pytest.raises(LogDamaged, match="in no snapshot"):
        storage.compact(4)
    storage.compact(3)
    assert (storage.first_index(), storage.last_index(), storage.term(3)) == (4, 4, 2)
    with pytest.raises(Compacted):
        storage.compact(3)
