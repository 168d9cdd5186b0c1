"""Values at the border of the package."""

from __future__ import annotations

import msgspec

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import Position
from cordwood.raft.state import HardState, Snapshot, bootstrap_snapshot


def test_a_cluster_begins_with_a_snapshot_that_has_its_configuration():
    snapshot = bootstrap_snapshot(Configuration(frozenset({1, 2})), b"state")
    assert (snapshot.position, snapshot.data) == (Position(1, 1), b"state")


def test_states_can_be_stored():
    snapshot = bootstrap_snapshot(Configuration(frozenset({1, 2})))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(snapshot), type=Snapshot) == snapshot
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(HardState(3, 1, 9)), type=HardState) == HardState(3, 1, 9)
