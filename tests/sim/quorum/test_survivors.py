"""What a power failure would leave of a node."""

from __future__ import annotations

from functools import partial

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.world import SimWorld
from tests.sim.quorum.kit import PATH, Group


def test_a_node_that_runs_is_not_disturbed():
    with SimWorld(2) as world:
        group = Group(world)
        group.start()
        group.pass_time(3)
        leader = group.leader()
        held = leader.disk.fork()
        sight, log = leader.survivor()
        assert sight.term == leader.driver.term
        assert sight.has(log, sight.last)
        assert sorted(held.list(f"{PATH}/log")) == sorted(leader.disk.list(f"{PATH}/log"))
        group.pass_time(1)
        assert leader.driver.failure is None


def test_a_disk_that_cannot_be_opened_is_found():
    with SimWorld(2) as world:
        group = Group(world)
        group.start()
        group.pass_time(3)
        leader = group.leader()
        for number in range(40):
            leader.process.call(partial(leader.driver.propose, b"%d" % number))
            group.pass_time(0.1)
        assert world.trace.counts["snapshot made"]
        for name in leader.disk.list(f"{PATH}/snapshots"):
            leader.disk.unlink(f"{PATH}/snapshots/{name}")
        leader.disk.sync_directory(f"{PATH}/snapshots")
        with pytest.raises(Broken, match=f"that of {leader.id} cannot"):
            leader.survivor()
