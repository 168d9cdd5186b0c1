"""A node alone founds its quorum once, and begins with what an older journal says."""

from __future__ import annotations

import pytest

from cordwood.consensus.opening import has_begun
from cordwood.controller.opening import QUORUM_DIRECTORY, open_quorum
from cordwood.controller.takeover import JOURNAL_DIRECTORY, TAKEN_OVER_SUFFIX, found_alone, read_journal
from cordwood.env.dice import SeededDice
from cordwood.log.log import Log
from cordwood.metadata import snapshot
from cordwood.metadata.records import RemoveTopic
from cordwood.model.errors import CorruptLog, DirectoryLocked, InvalidMetadata, WrongCluster
from cordwood.raft import Configuration
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from tests.controller.cluster import config_of
from tests.controller.journals import DECISIONS, IMAGE, write_journal
from tests.metadata.cluster_of import id_of

DATA = "/data"
PATH = f"{DATA}/{QUORUM_DIRECTORY}"
JOURNAL = f"{DATA}/{JOURNAL_DIRECTORY}"


@pytest.fixture
def disk():
    disk = SimDisk()
    disk.make_directory(DATA)
    return disk


def found(disk, cluster_id=None, seed=1, node=1):
    flusher = SimFlusher()
    found_alone(DATA, node, cluster_id, disk=disk, clock=flusher.clock, dice=SeededDice(seed), flusher=flusher)


def opened(disk, node=1):
    flusher = SimFlusher()
    return open_quorum(PATH, config_of(node), disk=disk, background=flusher.pending, clock=flusher.clock)


def founded(disk):
    """The founding image and the configuration."""
    storage = opened(disk)
    newest = storage.snapshot()
    image = snapshot.restore(storage.snapshots.parts(newest.position))
    storage.log.close()
    return image, newest.configuration


def test_a_cluster_is_founded_once(disk):
    found(disk, seed=1)
    image, configuration = founded(disk)
    assert len(image.cluster_id) == 22
    assert configuration == Configuration(frozenset({1}))
    found(disk, seed=2)
    assert founded(disk) == (image, configuration)


def test_a_cluster_may_be_given_its_id(disk):
    found(disk, "mine")
    assert founded(disk)[0].cluster_id == "mine"


def test_a_journal_is_what_it_begins_with(disk):
    write_journal(disk, JOURNAL)
    found(disk)
    assert founded(disk)[0] == IMAGE
    assert not disk.exists(JOURNAL)
    assert disk.exists(JOURNAL + TAKEN_OVER_SUFFIX)
    found(disk)
    assert founded(disk)[0] == IMAGE


def test_a_journal_without_a_decision_is_that_of_nobody_yet(disk):
    write_journal(disk, JOURNAL, [])
    found(disk, "mine")
    assert founded(disk)[0].cluster_id == "mine"
    assert not disk.exists(JOURNAL)


def test_a_journal_of_another_cluster_is_left_alone(disk):
    write_journal(disk, JOURNAL)
    with pytest.raises(WrongCluster):
        found(disk, "mine")
    assert not has_begun(disk, PATH)
    found(disk, "an older cluster")
    assert founded(disk)[0] == IMAGE


def test_a_journal_that_is_in_use_is_left_alone(disk):
    flusher = SimFlusher()
    write_journal(disk, JOURNAL)
    log = Log.open(JOURNAL, disk=disk, clock=flusher.clock, flusher=flusher)
    with pytest.raises(DirectoryLocked):
        found(disk)
    log.close()
    assert not has_begun(disk, PATH)


def test_a_journal_beside_a_log_that_went_on_is_not_guessed_about(disk):
    found(disk)
    opened(disk).log.close()
    write_journal(disk, JOURNAL)
    with pytest.raises(InvalidMetadata, match="Move the one away"):
        found(disk)
    assert disk.exists(JOURNAL)


def test_damage_in_a_journal_is_not_passed_over(disk):
    write_journal(disk, JOURNAL)
    store = disk.open(f"{JOURNAL}/{0:020}.log")
    store.write([bytes([store.read(1, 70)[0] ^ 1])], 70)
    for path in [f"{JOURNAL}/{name}" for name in disk.list(JOURNAL) if name.startswith("recovery")]:
        disk.unlink(path)
    with pytest.raises((CorruptLog, InvalidMetadata)):
        found(disk)
    assert not has_begun(disk, PATH)
    assert disk.exists(JOURNAL)


def test_a_journal_that_contradicts_itself_is_told_with_its_records(disk):
    write_journal(disk, JOURNAL, [*DECISIONS, [RemoveTopic(id_of(9))]])
    with pytest.raises(InvalidMetadata, match="contradicts"):
        found(disk)
    assert not has_begun(disk, PATH)


def test_the_image_of_a_journal(disk):
    flusher = SimFlusher()
    write_journal(disk, JOURNAL)
    assert read_journal(JOURNAL, disk=disk, clock=flusher.clock, flusher=flusher) == IMAGE


def test_node_0_founds_a_quorum_of_itself(disk):
    found(disk, node=0)
    (voter,) = founded(disk)[1].voters
    assert config_of(0).raft.id == voter
