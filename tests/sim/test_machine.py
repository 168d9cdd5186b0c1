"""A machine's lives: a real node is started, dies in every way, and is started again on what is left."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.node.configuration import load
from cordwood.sim.machine import Machine
from cordwood.sim.world import SimWorld


@pytest.fixture
def world():
    with SimWorld(3) as made:
        yield made


@pytest.fixture
def machine(world):
    return Machine(world, "n1", load(flags={"log.dirs": "/data", "listeners": "n1:9092"}))


def pass_time(world, seconds=5.0):
    reached = world.loop.create_future()
    world.loop.after_us(int(seconds * 1_000_000), reached.set_result, None)
    world.loop.run_until_complete(reached)


def test_a_node_serves_and_stops_in_good_order(world, machine):
    machine.start()
    assert machine.is_up
    assert not machine.is_serving
    pass_time(world)
    assert machine.is_serving
    process = machine.process
    world.loop.run_until_complete(machine.stop())
    assert not machine.is_up
    assert not world.loop.left_behind(process)
    assert not machine.failures
    assert not world.loop.unhandled


@pytest.mark.parametrize("end", [Machine.kill, Machine.cut_power])
def test_it_comes_back_with_its_cluster(world, machine, end):
    machine.start()
    pass_time(world)
    cluster = machine.node.image.cluster_id
    end(machine)
    assert not machine.is_up
    assert world.network.reaches("x", "n1") is (end is Machine.kill)
    machine.start()
    pass_time(world)
    assert machine.is_serving
    assert machine.node.image.cluster_id == cluster
    assert not machine.failures


@pytest.mark.parametrize("power", [False, True])
@pytest.mark.parametrize("number", range(0, 18, 3))
def test_it_may_die_at_any_operation_of_its_first_start(world, machine, number, power):
    machine.start()
    machine.die_at_operation(number, power=power)
    pass_time(world)
    assert not machine.is_up
    machine.start()
    pass_time(world)
    assert machine.is_serving
    assert not machine.failures
    assert not world.loop.unhandled


def test_peace_takes_a_death_back(world, machine):
    machine.start()
    machine.die_at_operation(0, power=False)
    machine.resume()
    pass_time(world)
    assert machine.is_serving


def test_a_stop_that_a_death_overtakes_is_over(world, machine):
    machine.start()
    pass_time(world)
    machine.die_at_operation(1, power=False)
    world.loop.run_until_complete(machine.stop())
    assert not machine.is_up
    assert world.trace.counts["kill"] == 1


def test_a_paused_machine_starts_later(world, machine):
    machine.start()
    machine.pause(3_000)
    pass_time(world, 2.9)
    assert not machine.is_serving
    pass_time(world)
    assert machine.is_serving


def test_a_node_that_cannot_start_says_why(world):
    machine = Machine(world, "n2", load(flags={"log.dirs": "/data", "listeners": "elsewhere:9092"}))
    machine.start()
    pass_time(world)
    assert [type(error).__name__ for error in machine.failures] == ["gaierror"]


def test_many_machines_live_side_by_side(world):
    machines = [
        Machine(world, name, load(flags={"log.dirs": "/data", "listeners": f"{name}:9092"})) for name in ("n1", "n2")
    ]
    for machine in machines:
        machine.start()
    pass_time(world)
    machines[0].kill()
    pass_time(world)
    assert machines[1].is_serving

    async def knock():
        return await world.loop.create_connection(asyncio.Protocol, "n1", 9092)

    with pytest.raises(ConnectionRefusedError):
        machines[1].process.call(lambda: world.loop.run_until_complete(knock()))


def test_what_is_due_is_compacted(world, machine, monkeypatch):
    machine.start()
    pass_time(world)
    due = iter([True, False, True])
    monkeypatch.setattr(machine.node.cleaning, "step", lambda: next(due, False))
    pass_time(world, 20)
    assert world.trace.counts["compaction"] == 2
