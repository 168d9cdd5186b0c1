"""A failed sync, a restart of the process, an acknowledged append, a power failure: what was acknowledged is there.

After the failed sync the page cache shows what the device does not have, and the next sync succeeds without writing it.
"""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.config import LogConfig
from cordwood.log.store import REWRITE_BYTES
from cordwood.model.errors import StorageFailed
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from cordwood.sim.found import look
from tests.sim.log_workload import open_log

CONFIG = LogConfig(segment_bytes=REWRITE_BYTES + REWRITE_BYTES // 2)


@pytest.mark.parametrize("seed", range(10))
def test_what_a_failed_sync_lost_is_written_again(seed):
    disk = SimDisk(SeededDice(seed))
    log, _ = open_log(disk, LogConfig(segment_bytes=CONFIG.segment_bytes, flush_policy="os"))
    for number in range(4):
        log.append(b"%d" % number + bytes(500_000))
    disk.faults.fail(Fault(Operation.DATASYNC, suffix=".log"))
    with pytest.raises(StorageFailed):
        log.sync()
    disk = disk.kill()
    log, _ = open_log(disk, CONFIG)
    log.append(b"acknowledged")
    log, _ = open_log(disk.crash(SeededDice(seed)), CONFIG)
    assert [record.value for record in log.read()][-1] == b"acknowledged"
    assert log.end_offset == 5


def test_where_nothing_failed_nothing_is_written_again():
    disk = SimDisk()
    log, _ = open_log(disk, LogConfig(flush_policy="os"))
    log.append(b"x")
    disk = disk.kill()
    steps = []
    disk.faults.watch = lambda step: steps.append((step.operation, step.path))
    open_log(disk, CONFIG)
    assert not [path for operation, path in steps if operation is Operation.WRITE and path.endswith(".log")]


@pytest.mark.parametrize("seed", range(10))
def test_what_a_killed_truncation_cut_does_not_come_back_into_a_closed_segment(seed):
    disk = SimDisk(SeededDice(seed))
    config = LogConfig(segment_bytes=300)
    log, _ = open_log(disk, config)
    log.append(b"stays" * 30)
    log.append(b"is cut" * 10)
    log.checkpoint()
    steps: list[SimDisk] = []
    disk.faults.watch = lambda step: steps.append(disk.fork()) if step.operation is Operation.DATASYNC else None
    log.truncate(1)
    disk = steps[-1]
    log, _ = open_log(disk, config)
    assert log.end_offset == 1
    log.append(b"of the next segment" * 10)
    assert log.segment_count == 2
    log.checkpoint()
    log, _ = open_log(disk.crash(SeededDice(seed)), config)
    assert [record.value for record in look(log).records] == [b"stays" * 30, b"of the next segment" * 10]
