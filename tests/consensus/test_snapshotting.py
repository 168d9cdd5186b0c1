"""When snapshots are made and taken: one at a time, beside the work, and never back."""

from __future__ import annotations

from cordwood.consensus.applying import Applier, tagged
from cordwood.consensus.opening import found_group
from cordwood.consensus.snapshotting import Snapshotting
from cordwood.raft import Entry, HardState, Snapshot
from cordwood.sim.disk import SimDisk
from tests.consensus.kit import THREE, Later, job, opened
from tests.consensus.ledger import Journal, Ledger
from tests.consensus.world import PATH, config_of


class Node:
    """A node that applies what it writes."""

    def __init__(self) -> None:
        disk = SimDisk()
        found_group(disk, PATH, {1, 2, 3})
        self.storage, self.later, self.journal = opened(disk), Later(), Journal(Ledger())
        snapshot = self.storage.snapshot()
        self.applier = Applier(self.journal, b"originxx", snapshot, self.storage.snapshots.parts(snapshot.position))
        self.snapshotting = Snapshotting(config_of(1), self.storage, self.applier, self.later)

    def apply(self, count: int) -> None:
        start = self.storage.last_index() + 1
        entries = [Entry(index, 1, data=tagged(b"-" * 8, 1, b"x")) for index in range(start, start + count)]
        self.storage.write(job(entries, HardState(1, 1, start + count - 1)))
        self.applier.apply(entries, lambda entry: THREE)
        self.snapshotting.make_if_due()


def test_a_snapshot_is_made_when_enough_was_applied():
    node = Node()
    node.apply(24)
    assert not node.later.work
    node.apply(1)
    node.snapshotting.make()
    assert len(node.later.work) == 1
    node.apply(3)
    node.later.run()
    assert node.snapshotting.made == 1
    assert node.storage.snapshot() == Snapshot(26, 1, THREE)
    assert node.storage.first_index() == 22
    assert len(list(node.storage.snapshots.parts(node.storage.snapshot().position))) == 25
    assert len(node.storage.snapshots._disk.list(f"{PATH}/snapshots")) == 1


def test_the_same_state_is_not_written_twice():
    node = Node()
    node.snapshotting.make()
    assert not node.later.work


def test_a_snapshot_that_arrives_meanwhile_counts():
    node = Node()
    node.apply(10)
    node.snapshotting.make()
    newer = Snapshot(50, 2, THREE)
    node.storage.snapshots.write(newer, node.journal.snapshot())
    node.storage.install(newer)
    node.snapshotting.restore(newer)
    node.later.run()
    assert (node.snapshotting.made, node.snapshotting.installed) == (0, 1)
    assert node.storage.snapshot() == newer
    assert node.applier.applied == 50
    assert len(node.journal.commands) == 10
