"""Members through their lives."""

from __future__ import annotations

from cordwood.sim.quorum.members import leader_of


def test_a_member_is_found_alive_and_on_its_disk(group):
    member = group.members[2]
    assert str(member) == member.name == "n2"
    assert member.driver is member.machine.node.driver
    found = member.survivor()
    assert found is not None
    assert found[0].term == member.driver.term
    member.machine.cut_power()
    assert member.driver is None
    assert member.survivor()[0].term == found[0].term


def test_the_latest_leader_counts(group):
    old = group.field.leader()
    with group.field.troubles.among([old.name]):
        group.world.network.isolate(old.name)
        group.pass_time(1.2)
    new = leader_of(group.members.values())
    assert new.driver.term > 1
    for member in group.members.values():
        member.machine.kill()
    assert leader_of(group.members.values()) is None


def test_who_never_ran_has_nothing(new_group):
    group = new_group()
    member = group._member(9, 0)
    assert member.driver is None
    assert member.survivor() is None
