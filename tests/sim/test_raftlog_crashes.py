"""The raft log through a stop at every file operation of its life: it always opens, and holds a prefix of what was asked
that ends at or above what was acknowledged.

A failure names the life: `examine_life(seed)` plays it again. CORDWOOD_SIM_SEEDS=100 adds as many lives.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from functools import cache

import pytest

from cordwood.env.dice import SeededDice
from cordwood.model.errors import LogClosed, StorageFailed
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed, Fault, Operation
from cordwood.sim.stops import Stop
from tests.sim.raftlog_examiner import Examiner, examine_life
from tests.sim.raftlog_workload import Workload, config_of

MORE_SEEDS = int(os.environ.get("CORDWOOD_SIM_SEEDS", "0"))
"""For long runs: as many more lives."""

counts: Counter[str] = Counter()


@pytest.mark.parametrize("seed", [*range(12), 270, *range(1000, 1000 + MORE_SEEDS)])
def test_a_raft_log_keeps_its_promises_through_every_stop(seed):
    found = examine_life(seed)
    assert found["stops"] > 20
    counts.update(found)


def test_everything_happened_in_these_lives():
    """Runs after the lives above, in the same process, and prints what was in them."""
    if not counts:
        counts.update(examine_life(3, 60))
    print(dict(counts))
    rare = [name for name, number in counts.items() if not number]
    assert not rare, f"never seen: {rare}"


@pytest.mark.parametrize("seed", range(3))
def test_code_that_is_stopped_does_nothing_more(seed):
    """The same by an exception through the log's own handlers, at every operation in turn."""
    stopped = 0
    for number in range(operations_of(seed)):
        disk = SimDisk(SeededDice(seed))
        disk.faults.crash_at(number, in_the_middle=seed == 1)
        workload = Workload(disk, config_of(seed), seed)
        stopped += stops_in(workload)
        examine_both(workload, seed + number)
    assert stopped > 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("seed", range(4))
def test_a_failure_is_sticky_and_loses_nothing_that_was_acknowledged(seed, number):
    """Each operation fails in turn; then no call writes any more, and what is found keeps to the promises."""
    at, failures = 0, 0
    while at < operations_of(seed):
        workload = Workload(SimDisk(SeededDice(seed)), config_of(seed), seed)
        workload.disk.faults.fail(Fault(None, number, skip=at))
        failures += fails(workload)
        examine_both(workload, seed + at)
        at += 1
    assert failures > 5


def test_what_a_failed_sync_hides_is_written_again():
    """The page cache shows what the device does not have; opening makes it true before it tells anybody."""
    for seed in range(6):
        workload = Workload(SimDisk(SeededDice(seed)), config_of(0), seed)
        workload.open()
        workload.append()
        workload.disk.faults.fail(Fault(Operation.DATASYNC))
        with pytest.raises(StorageFailed):
            workload.sync()
        assert workload.disk.exists("/sim/raft/sync-failed")
        Examiner(workload, seed).look_at(workload.disk.kill(), power_failed=False)
        assert workload.log.failure is not None


def stops_in(workload: Workload) -> bool:
    """Whether the machine stops in this life, in the middle of a write perhaps."""
    try:
        workload.run(8)
    except Crashed:
        return True
    return False


@cache
def operations_of(seed: int) -> int:
    """How many file operations a life of eight actions has."""
    disk = SimDisk(SeededDice(seed))
    Workload(disk, config_of(seed), seed).run(8)
    return disk.faults.operations


def fails(workload: Workload) -> bool:
    """Whether the log failed in this life; if so, it takes no more calls."""
    try:
        workload.run(8)
    except StorageFailed:
        if workload.log is None or workload.log.failure is None:
            return False  # It was not open yet.
        with pytest.raises((StorageFailed, LogClosed)) as raised:
            workload.log.save_vote((1 << 32, 1))
        return isinstance(raised.value, LogClosed) or raised.value is workload.log.failure
    return False


def examine_both(workload: Workload, seed: int) -> None:
    """What is found after the process's death, and after a power failure."""
    disk, examiner = workload.disk, Examiner(workload, seed)
    examiner.examine(Stop(None, power_failed=False, disk=disk.fork()))
    examiner.examine(Stop(None, power_failed=True, disk=disk.fork().crash(examiner.dice)))
