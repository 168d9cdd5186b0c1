"""Handovers and changes of the members."""

from __future__ import annotations

from cordwood.env.dice import SeededDice
from cordwood.sim.quorum.reshaping import change_members, hand_over


def test_the_leadership_is_handed_over(group):
    leaders = set()
    for seed in range(6):
        group.world.loop.run_until_complete(hand_over(group.field, SeededDice(seed)))
        leaders.add(group.field.leader().id)
    assert len(leaders) > 1


def test_voters_become_learners_and_voters_again(new_group):
    group = new_group(5)
    voters = set()
    for seed in range(8):
        group.world.loop.run_until_complete(change_members(group.field, SeededDice(seed)))
        group.pass_time(1)
        configuration = group.field.leader().driver.configuration
        assert configuration.members == {1, 2, 3, 4, 5}
        assert not configuration.joint
        voters.add(configuration.incoming)
    assert len(voters) > 4
    assert group.world.trace.counts["joint configuration"] >= 8


def test_without_a_leader_nothing_is_asked(group):
    for member in group.members.values():
        member.machine.cut_power()
    group.world.loop.run_until_complete(change_members(group.field, SeededDice(1)))
    group.world.loop.run_until_complete(hand_over(group.field, SeededDice(1)))
    assert not group.world.trace.counts["asks"]
