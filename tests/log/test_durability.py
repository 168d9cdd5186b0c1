"""What a sync covers, and what happens when one fails."""

from __future__ import annotations

import threading

import pytest

from cordwood.log.durability import Durability
from cordwood.log.segments import Segments
from cordwood.model.errors import LogClosed, StorageFailed
from cordwood.records.batch import stamp
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import World, batch


class Setting:
    """Two segments of ten batches each, on a simulated disk."""

    def __init__(self):
        self.disk = SimDisk()
        self.world = World(disk=self.disk)
        self.segments = Segments((self.world.segment(0), self.world.segment(10)))
        for segment in self.segments.all:
            self.append(segment, 10)
        self.durability = Durability(self.world.backend(), synced_offset=0, recovery_point=0)
        self.durability.segments = lambda: self.segments

    def append(self, segment, count):
        for offset in range(segment.next_offset, segment.next_offset + count):
            view = batch()
            stamp(view, 0, offset, 0)
            segment.append([view], offset, offset + 1, 0)

    def syncs(self):
        steps = []
        self.disk.faults.watch = steps.append
        return lambda: [step.path.rpartition("/")[2] for step in steps if "SYNC" in step.operation.name]


def test_all_segments_are_synced_oldest_first_and_the_directory_before_them():
    setting = Setting()
    synced = setting.syncs()
    assert setting.durability.sync() == 20
    assert synced() == ["log", f"{0:020d}.log", f"{10:020d}.log"]
    assert setting.durability.synced_offset == 20


def test_what_is_synced_is_not_synced_again():
    setting = Setting()
    setting.durability.sync()
    setting.append(setting.segments.active, 1)
    synced = setting.syncs()
    setting.durability.sync(20)
    assert synced() == []
    setting.durability.sync(21)
    assert synced() == [f"{10:020d}.log"]
    setting.durability.sync()
    assert len(synced()) == 1


def test_names_that_changed_are_synced_even_when_no_batch_is_new():
    setting = Setting()
    setting.durability.sync()
    setting.durability.names_changed()
    synced = setting.syncs()
    setting.durability.sync()
    assert synced()[0] == "log"


@pytest.mark.parametrize("operation", [Operation.DATASYNC, Operation.SYNC_DIRECTORY])
def test_a_sync_that_failed_is_never_tried_again(operation):
    setting = Setting()
    setting.disk.faults.fail(Fault(operation))
    with pytest.raises(StorageFailed) as first:
        setting.durability.sync()
    synced = setting.syncs()
    for offset in (None, 5):
        with pytest.raises(StorageFailed) as again:
            setting.durability.sync(offset)
        assert again.value is first.value
    assert setting.durability.failure is first.value
    assert setting.durability.synced_offset == 0
    assert synced() == []


def test_the_first_failure_is_the_one_that_is_told():
    durability = Setting().durability
    first = StorageFailed("a", "write", OSError())
    durability.fail(first)
    durability.fail(StorageFailed("b", "write", OSError()))
    assert durability.failure is first


def test_a_closed_log_is_no_failure():
    setting = Setting()
    setting.durability.sync()
    setting.durability.refusal = LogClosed("x")
    assert setting.durability.failure is None
    assert setting.durability.sync(20) == 20
    with pytest.raises(LogClosed):
        setting.durability.sync()


def test_a_retreat_takes_the_promise_back():
    durability = Setting().durability
    durability.sync()
    durability.retreat(15)
    assert durability.synced_offset == 15
    durability.retreat(18)
    assert durability.synced_offset == 15


def test_one_sync_serves_those_who_came_meanwhile():
    setting = Setting()
    synced = setting.syncs()
    with setting.durability.syncing:
        threads = [threading.Thread(target=setting.durability.sync, args=(20,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        assert setting.durability.synced_offset == 0
    for thread in threads:
        thread.join(timeout=10)
    assert setting.durability.synced_offset == 20
    assert synced().count(f"{10:020d}.log") == 1
