"""The field: cuts that end each for itself, deaths that end, peace."""

from __future__ import annotations

from cordwood.sim.quorum.field import both_ways


def test_cuts_end_each_for_itself(group):
    field, network = group.field, group.world.network

    loop = group.world.loop
    first = loop.create_task(field.cut(both_ways(["n1"], ["n2"]), 1_000))
    second = loop.create_task(field.cut([("n1", "n2"), ("n3", "n3")], 3_000))
    group.pass_time(0.5)
    assert not network.reaches("n1", "n2")
    assert not network.reaches("n2", "n1")
    assert not field.troubles.calm("n1", "n2", 1)
    loop.run_until_complete(first)
    assert not network.reaches("n1", "n2")
    assert network.reaches("n2", "n1")
    loop.run_until_complete(second)
    assert network.reaches("n1", "n2")
    assert field.troubles.calm("n1", "n2", 0)


def test_who_is_down_comes_back(group):
    member = group.members[1]
    assert len(group.field.up()) == 3
    member.machine.kill()
    assert len(group.field.up()) == 2
    group.world.loop.run_until_complete(group.field.down(member, 500))
    assert member.machine.is_up
    assert not group.field.troubles.calm("n1", "n2", 1_000)
    assert group.field.troubles.calm("n3", "n2", 1_000)


def test_peace_makes_all_good(group):
    field, network = group.field, group.world.network

    cut = group.world.loop.create_task(field.cut(both_ways(["n1"], ["n2"]), 60_000))
    group.pass_time(0.1)
    group.members[3].machine.cut_power()
    group.members[2].machine.pause(60_000)
    field.peace()
    cut.cancel()
    assert network.reaches("n1", "n2")
    group.pass_time(3)
    assert all(member.driver.leader == field.leader().id for member in group.members.values())
