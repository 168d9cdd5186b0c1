"""A watched group of bare drivers: everything it does is seen, and a planted fault is found."""

from __future__ import annotations

from functools import partial

import pytest

from cordwood.raft import Change, ChangeKind, ConfChange
from cordwood.sim.content import Content
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.world import SimWorld
from tests.sim.quorum.kit import Group


@pytest.fixture
def group():
    with SimWorld(5) as world:
        made = Group(world)
        made.start()
        made.pass_time(3)
        yield made


def work(group, count=20):
    leader = group.leader()
    for number in range(count):
        leader.process.call(partial(leader.driver.propose, b"command %d" % number))
        group.pass_time(0.05)


def test_a_group_that_works_is_seen_and_keeps_everything(group):
    work(group, 40)
    counts = group.world.trace.counts
    assert counts["leads"] == 1
    assert counts["commits"] >= 40
    assert counts["snapshot made"] >= 3
    assert group.watcher.committed.top == group.leader().driver.status().last


def test_deaths_cuts_and_changes_are_seen(group):
    for count in (3, 50):
        old = group.leader()
        group.network.part({old.id: 1})
        old.process.call(partial(old.driver.propose, b"never heard of"))
        group.pass_time(3)
        work(group, count)
        group.network.part({})
        group.pass_time(2)
    for member in list(group.members.values()):
        member.end(power=True)
        member.start()
        group.pass_time(2)
    leader = group.leader()
    changes = (Change(ChangeKind.ADD_LEARNER, 1 + leader.id % 3), Change(ChangeKind.REMOVE, 1 + (leader.id + 1) % 3))
    leader.process.call(lambda: leader.driver.change(ConfChange(changes)))
    group.pass_time(3)
    counts = group.world.trace.counts
    assert counts["leads"] >= 2
    assert counts["cuts"] >= 1
    assert counts["snapshot installed"] >= 1
    assert counts["joint configuration"] >= 1
    assert counts["configuration"] >= 1


def test_a_disk_that_lies_is_found(group, monkeypatch):
    monkeypatch.setattr(Content, "sync", lambda self: None)
    with pytest.raises(Broken, match=r"durable|cannot"):
        work(group, 60)
