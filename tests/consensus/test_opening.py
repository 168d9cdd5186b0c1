"""Founding a group, and the directory of a node."""

from __future__ import annotations

import pytest

from cordwood.consensus.opening import found_group, has_begun
from cordwood.model.errors import DirectoryLocked
from cordwood.raft import Snapshot
from cordwood.sim.disk import SimDisk
from tests.consensus.kit import THREE, opened
from tests.consensus.world import PATH


def test_a_group_is_founded_once():
    disk = SimDisk()
    assert found_group(disk, PATH, {1, 2, 3}, [b"state"])
    assert not found_group(disk, PATH, {4})
    storage = opened(disk)
    assert storage.snapshot() == Snapshot(1, 1, THREE)
    assert list(storage.snapshots.parts(storage.snapshot().position)) == [b"state"]


def test_a_directory_has_begun_when_it_was_founded_or_has_a_log():
    disk = SimDisk()
    assert not has_begun(disk, PATH)
    found_group(disk, PATH, {1})
    assert has_begun(disk, PATH)
    joining = SimDisk()
    storage = opened(joining)
    storage.log.save_vote((1, 2))
    storage.log.close()
    assert has_begun(joining, PATH)


def test_founding_survives_a_power_failure():
    disk = SimDisk()
    found_group(disk, PATH, {1, 2, 3})
    assert opened(disk.crash()).initial_state()[1] == THREE


def test_a_directory_has_one_owner():
    disk = SimDisk()
    opened(disk)
    with pytest.raises(DirectoryLocked):
        opened(disk)
