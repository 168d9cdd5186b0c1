"""A group is founded alike on all of its first members, and opened with what is whole."""

from __future__ import annotations

import pytest

from cordwood.controller.members import member_of
from cordwood.controller.opening import Founding, first_image, found, open_quorum
from cordwood.metadata import Endpoint, QuorumNode
from cordwood.metadata.records import ClusterRecord, QuorumNodeRecord
from cordwood.model.errors import CorruptLog, DirectoryLocked, InvalidMetadata
from cordwood.sim.disk import SimDisk
from cordwood.sim.flusher import SimFlusher
from tests.controller.cluster import config_of

PATH = "/data/group"
PLACE = Endpoint("PLAINTEXT", "first.example", 9092)
FOUNDING = Founding(frozenset({0, 1, 2}), first_image("c", [QuorumNodeRecord(1, bytes(16), PLACE)]))


def opened(disk, node=1):
    flusher = SimFlusher()
    return open_quorum(PATH, config_of(node), disk=disk, background=flusher.pending, clock=flusher.clock)


def test_the_first_members_begin_with_the_same():
    snapshots = []
    for node in FOUNDING.nodes:
        disk = SimDisk()
        assert found(disk, PATH, FOUNDING)
        assert not found(disk, PATH, FOUNDING)
        storage = opened(disk, node)
        snapshot = storage.snapshot()
        snapshots.append((snapshot, list(storage.snapshots.parts(snapshot.position))))
        assert snapshot.configuration.voters == set(map(member_of, FOUNDING.nodes))
    assert all(snapshot == snapshots[0] for snapshot in snapshots)


def test_the_first_image_has_what_is_known_from_the_beginning():
    image = FOUNDING.image
    assert (image.revision, image.cluster_id) == (0, "c")
    assert image.quorum_nodes == {1: QuorumNode(1, bytes(16), PLACE)}
    with pytest.raises(InvalidMetadata, match="contradicts"):
        first_image("c", [ClusterRecord("d")])


def test_a_directory_has_one_owner():
    disk = SimDisk()
    found(disk, PATH, FOUNDING)
    storage = opened(disk)
    with pytest.raises(DirectoryLocked):
        opened(disk)
    storage.log.close()
    opened(disk).log.close()


def test_who_joins_later_begins_with_nothing():
    storage = opened(SimDisk())
    assert storage.snapshot().index == 0
    assert not storage.snapshot().configuration.members


def test_a_founding_that_is_damaged_is_no_node_that_joins():
    disk = SimDisk()
    found(disk, PATH, FOUNDING)
    (name,) = disk.list(f"{PATH}/snapshots")
    file = disk.open(f"{PATH}/snapshots/{name}")
    file.write([bytes([file.read(1, 30)[0] ^ 1])], 30)
    for _ in range(2):  # The directory does not stay locked.
        with pytest.raises(CorruptLog, match=name):
            opened(disk)
