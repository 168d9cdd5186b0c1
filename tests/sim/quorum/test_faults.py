"""Every fault does what its name says, and ends."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.faults import FAULTS, WEIGHTS, carry_out
from cordwood.sim.quorum.schedule import Fault

SIGNS = {
    "kill": "kill",
    "kill leader": "kill",
    "power off": "power off",
    "power off leader": "power off",
    "blackout": "power off",
    "restart": "stop",
    "pause": "pause",
    "pause leader": "pause",
}
"""What is seen of it in the trace; of others, in the network or the quorum."""


def play(group, kind, number=0):
    group.world.loop.run_until_complete(carry_out(Fault(number, 0, kind), group.field))


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_ends_and_the_group_goes_on(group, kind):
    leader = group.field.leader()
    before = group.world.trace.counts.copy()
    play(group, kind)
    new = group.world.trace.counts - before
    assert new["fault"] == 1
    if kind in SIGNS:
        assert new[SIGNS[kind]] >= 1
    if kind in {"kill leader", "power off leader", "pause leader"}:
        assert any(event.particulars.get("machine") == leader.name for event in group.world.trace.story)
    assert all(group.world.network.reaches(one, other) for one in ("n1", "n2") for other in ("n1", "n3"))
    assert all(member.machine.is_up for member in group.members.values())
    group.pass_time(4)
    assert group.field.leader() is not None


@pytest.mark.parametrize("kind", ["isolate leader", "bridge", "halves", "one way", "deaf leader"])
def test_a_partition_is_there_while_it_lasts(new_group, kind):
    group = new_group(5)
    network = group.world.network
    task = group.world.loop.create_task(carry_out(Fault(1, 0, kind), group.field))
    names = group.field.names
    seen: set[tuple[str, str]] = set()
    while not seen and not task.done():
        group.pass_time(0.05)
        seen = {(one, other) for one in names for other in names if not network.reaches(one, other)}
    group.world.loop.run_until_complete(task)
    assert seen
    mirrored = {(other, one) for one, other in seen}
    assert (seen == mirrored) is (kind not in {"one way", "deaf leader"})
    if kind == "isolate leader":
        assert {
            one
            for one, _ in seen & mirrored
            if all((one, other) in seen for other in group.field.names if other != one)
        }
    if kind == "bridge":
        whole = [name for name in group.field.names if not any(name in way for way in seen)]
        assert len(whole) == 1


def test_usurpers_make_terms_short(new_group):
    group = new_group(5)
    term = group.field.leader().driver.term
    for number in range(4):
        play(group, "usurpers", number)
    assert group.world.trace.counts["leads"] >= 3
    assert group.field.leader().driver.term > term + 1


def test_a_fault_of_nobody_is_none(group):
    for member in group.members.values():
        member.machine.cut_power()
    for kind in FAULTS:
        play(group, kind)
    assert not group.field.up()


def test_each_fault_may_come():
    assert WEIGHTS.keys() == FAULTS.keys()
    assert all(WEIGHTS.values())
