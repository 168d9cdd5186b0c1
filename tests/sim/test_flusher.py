"""The flusher's turns."""

from __future__ import annotations

from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.model.errors import StorageFailed
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from cordwood.sim.flusher import SimFlusher


def test_one_sync_serves_all_who_wait():
    disk, flusher, told = SimDisk(), SimFlusher(), []
    log = Log.open("/sim/a", LogConfig(flush_policy="os"), disk=disk, clock=flusher.clock, flusher=flusher)
    syncs = []
    disk.faults.watch = lambda step: syncs.append(step) if step.operation is Operation.DATASYNC else None
    for number in range(3):
        log.append(b"%d" % number)
        flusher.notify(log, log.end_offset, told.append)
    flusher.turn()
    assert told == [None] * 3
    assert log.synced_offset == 3
    assert len(syncs) == 1


def test_who_waits_is_told_of_a_failure():
    disk, flusher, told = SimDisk(), SimFlusher(), []
    log = Log.open("/sim/a", LogConfig(flush_policy="os"), disk=disk, clock=flusher.clock, flusher=flusher)
    log.append(b"x")
    disk.faults.fail(Fault(Operation.DATASYNC))
    flusher.notify(log, 1, told.append)
    flusher.turn()
    assert [type(error) for error in told] == [StorageFailed]


def test_what_is_due_later_waits():
    flusher = SimFlusher()
    config = LogConfig(flush_policy="interval", flush_ms=100)
    log = Log.open("/sim/a", config, disk=SimDisk(), clock=flusher.clock, flusher=flusher)
    log.append(b"x")
    flusher.turn()
    assert log.synced_offset == 0
    flusher.clock.advance(100)
    flusher.turn()
    assert log.synced_offset == 1
