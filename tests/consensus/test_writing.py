"""Jobs for the raft log: in order, one flush for all that came, and no report before it is back."""

from __future__ import annotations

import pytest

from cordwood.consensus.opening import found_group
from cordwood.consensus.writing import Writing
from cordwood.model.errors import StorageFailed
from cordwood.raft import HardState
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.consensus.kit import entries, job, opened
from tests.consensus.world import PATH


class Node:
    """A node that notes what is reported."""

    def __init__(self) -> None:
        self.disk = SimDisk()
        found_group(self.disk, PATH, {1})
        self.storage = opened(self.disk)
        self.storage.log.sync()
        self.reported, self.posted = [], []
        self.writing = Writing(self.storage, self.reported.append, self.posted.append)

    def flush(self) -> None:
        """The worker's turn, and then the loop's."""
        self.storage.log.flusher.turn()
        while self.posted:
            self.posted.pop(0)()


def test_a_job_is_reported_when_it_is_durable():
    node = Node()
    first = job(entries(2, 4))
    node.writing.put(first)
    assert not node.writing.settle()
    assert not node.reported
    node.flush()
    assert node.reported == [first]
    assert opened(node.disk.crash()).last_index() == 3


def test_what_comes_meanwhile_shares_the_next_flush():
    node = Node()
    jobs = [job(entries(index, index + 1)) for index in range(2, 8)]
    node.writing.put(jobs[0])
    node.writing.settle()
    for one in jobs[1:]:
        node.writing.put(one)
        assert not node.writing.settle()
    before = node.storage.log.stat().syncs
    node.flush()
    assert node.reported == jobs[:1]
    assert not node.writing.settle()
    node.flush()
    assert node.reported == jobs
    assert node.storage.log.stat().syncs == before + 1
    assert not len(node.writing)


def test_what_need_not_be_durable_waits_for_those_before_only():
    node = Node()
    lazy = job(hard=HardState(1, 0, 1), must_sync=False)
    node.writing.put(lazy)
    assert node.writing.settle()
    assert node.reported == [lazy]
    synced = job(entries(2, 3))
    node.writing.put(synced)
    node.writing.settle()
    node.writing.put(lazy)
    assert not node.writing.settle()
    assert node.reported == [lazy]
    node.flush()
    assert node.writing.settle()
    assert node.reported == [lazy, synced, lazy]


def test_a_failure_is_told_and_reports_nothing():
    node = Node()
    node.writing.put(job(entries(2, 3)))
    node.disk.faults.fail(Fault(Operation.DATASYNC, 5))
    node.writing.settle()
    with pytest.raises(StorageFailed):
        node.flush()
    assert not node.reported
