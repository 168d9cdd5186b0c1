"""Every fault of the table can be done to a real node, and peace makes it good."""

from __future__ import annotations

import pytest

from cordwood.node.configuration import load
from cordwood.sim.machine import Machine
from cordwood.sim.nemesis import Nemesis
from cordwood.sim.world import SimWorld

FAULTS = {
    "_kill": "kill",
    "_cut_power": "power off",
    "_die_at_operation": "kill",
    "_restart": "stop",
    "_pause": "pause",
    "_partition": "cut",
    "_isolate": "isolate",
    "_reset": "reset",
    "_set_clock": "set clock",
}


@pytest.fixture
def world():
    with SimWorld(1) as made:
        yield made


@pytest.fixture
def machine(world):
    made = Machine(world, "n1", load(flags={"log.dirs": "/data", "listeners": "n1:9092"}))
    made.start()
    world.network.add_host("client")
    pass_time(world)
    return made


def pass_time(world, seconds=5.0):
    reached = world.loop.create_future()
    world.loop.after_us(int(seconds * 1_000_000), reached.set_result, None)
    world.loop.run_until_complete(reached)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_happens_and_peace_ends_it(world, machine, fault):
    nemesis = Nemesis(world, [machine], ["client"])
    world.loop.run_until_complete(getattr(nemesis, fault)(machine))
    if fault == "_die_at_operation":
        assert machine.is_up
    else:
        assert world.trace.counts[FAULTS[fault]] == 1
    nemesis.peace()
    pass_time(world)
    assert machine.is_serving
    assert world.network.reaches("client", "n1")
    assert world.network.reaches("n1", "client")
    assert not machine.failures


def test_faults_end_in_time_and_in_peace(world, machine):
    begun = world.loop.time()
    world.loop.run_until_complete(Nemesis(world, [machine], ["client"]).run(20))
    assert 20 <= world.loop.time() - begun < 60
    assert world.trace.counts["peace"] == 1
    assert len(world.trace.counts) > 6
    pass_time(world)
    assert machine.is_serving
