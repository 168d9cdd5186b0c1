"""The log with a device that fails: at every operation of its life, in turn, the device is full or broken.

What was acknowledged stays; a full device refuses and goes on, a broken one ends the writing until the next opening.
"""

from __future__ import annotations

import errno

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.config import LogConfig
from cordwood.model.errors import DiskFull, StorageFailed
from cordwood.sim.checkers import violations
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from cordwood.sim.found import look
from cordwood.sim.history import Outcome
from cordwood.sim.stops import Stop
from tests.sim.log_examiner import Examiner
from tests.sim.log_workload import Workload, config_of, open_log

STEPS = 6


def operations_of(seed: int, policy: str) -> int:
    """How many operations the life has if nothing fails."""
    disk = SimDisk(SeededDice(seed))
    Workload(disk, config_of(seed, policy), seed).run(STEPS)
    return disk.faults.operations


def live_with(fault: Fault, seed: int, policy: str) -> Workload:
    """Lives until the end, or until the log takes no more writes."""
    disk = SimDisk(SeededDice(seed))
    disk.faults.fail(fault)
    workload = Workload(disk, config_of(seed, policy), seed)
    workload.run_as_it_goes(STEPS)
    return workload


def check(workload: Workload, seed: int) -> None:
    """What is readable now, after the process's death, and after a power failure."""
    log, examiner = workload.log, Examiner(workload, seed)
    if log is not None:
        assert not violations(workload.history, log, look(log), Outcome.WRITTEN)
    examiner.examine(Stop(None, power_failed=False, disk=workload.disk.fork()))
    for again in range(2):
        disk = workload.disk.fork().crash(SeededDice(100 * seed + again))
        examiner.examine(Stop(None, power_failed=True, disk=disk))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("policy", ["commit", "os"])
@pytest.mark.parametrize("seed", range(2))
def test_one_failed_operation_loses_nothing_acknowledged(seed, policy, number):
    for at in range(operations_of(seed, policy)):
        try:
            check(live_with(Fault(None, number, skip=at), seed, policy), seed)
        except BaseException as error:
            error.add_note(f"operation {at} of seed {seed} under {policy} failed with {errno.errorcode[number]}")
            raise


@pytest.mark.parametrize("seed", range(3))
def test_a_write_that_cannot_even_be_cut_back_is_overwritten(seed):
    disk = SimDisk(SeededDice(seed))
    disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC, skip=4 + seed, times=3, suffix=".log"))
    disk.faults.fail(Fault(Operation.CUT_BACK, times=3))
    workload = Workload(disk, config_of(seed, "commit"), seed)
    workload.run_as_it_goes(20)
    check(workload, seed)


@pytest.mark.parametrize("seed", range(3))
def test_a_failed_read_is_told_and_harms_nothing(seed):
    disk = SimDisk(SeededDice(seed))
    workload = Workload(disk, config_of(seed, "commit"), seed)
    workload.open()
    for _ in range(10):
        workload.append()
    disk.faults.fail(Fault(Operation.READ))
    with pytest.raises(StorageFailed):
        list(workload.log.read())
    workload.append()
    assert len(list(workload.log.read())) == 11


@pytest.mark.parametrize("cut_back_fails", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_a_segment_is_closed_without_the_rest_of_a_failed_write(seed, cut_back_fails):
    disk = SimDisk(SeededDice(seed))
    config = LogConfig(segment_bytes=300)
    log, flusher = open_log(disk, config)
    log.append(b"first")
    disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC, suffix=".log"))
    if cut_back_fails:
        disk.faults.fail(Fault(Operation.CUT_BACK))
    with pytest.raises(DiskFull):
        log.append(b"x" * 100)
    log.append(b"of the next segment" * 10)
    assert log.segment_count == 2
    flusher.pending.run()
    log, _ = open_log(disk.crash(SeededDice(seed)), config)
    assert [record.value for record in look(log).records] == [b"first", b"of the next segment" * 10]
