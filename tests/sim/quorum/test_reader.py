"""Reads on all nodes."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.reader import QuorumReader


def read_for(group, seconds):
    reader = QuorumReader(group.members, group.watcher.reads, group.world)
    task = group.world.loop.create_task(reader.run())
    for _ in range(int(seconds * 10)):
        group.propose(group.members[1])
        group.pass_time(0.1)
    reader.finishing = True
    group.world.loop.run_until_complete(task)


def test_reads_of_a_group_that_works_are_fresh(group):
    with group.field.troubles.among(group.field.names):
        group.members[3].machine.pause(1_000)
        read_for(group, 5)
        group.members[2].machine.kill()
        read_for(group, 5)
    assert group.world.trace.counts["reads"] > 40


def test_reads_that_are_not_fresh_are_found(group, monkeypatch):
    monkeypatch.setattr(group.watcher.reads, "floor", lambda: 1_000)
    with pytest.raises(Broken, match="1000 was committed when it was asked"):
        read_for(group, 5)
