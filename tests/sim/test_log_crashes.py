"""The log through a stop at every file operation of its life: it always opens, and keeps what it promised.

A failure names the life: `examine_life(seed, policy)` plays it again. CORDWOOD_SIM_SEEDS=100 adds as many lives.
"""

from __future__ import annotations

import os

import pytest

from cordwood.env.dice import SeededDice
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed
from cordwood.sim.stops import Stop
from tests.sim.log_examiner import Examiner, examine_life
from tests.sim.log_workload import Workload, config_of

MORE_SEEDS = int(os.environ.get("CORDWOOD_SIM_SEEDS", "0"))
"""For long runs: as many more lives under each policy."""

LIVES = [
    *(("commit", seed) for seed in (0, 2, 3, 4, 5, *range(100, 100 + MORE_SEEDS))),
    *(("interval", seed) for seed in (0, 2, 5, *range(100, 100 + MORE_SEEDS))),
    *(("os", seed) for seed in (0, 2, 5, *range(100, 100 + MORE_SEEDS))),
]


@pytest.mark.parametrize(("policy", "seed"), LIVES)
def test_a_log_keeps_its_promises_through_every_stop(policy, seed):
    assert examine_life(seed, policy, cuts_by_copy=seed % 2 == 1) > 100


@pytest.mark.parametrize("seed", range(3))
def test_code_that_is_stopped_does_nothing_more(seed):
    """The same by an exception through the log's own handlers, at every operation in turn."""
    number, is_stopped = 0, True
    while is_stopped:
        disk = SimDisk(SeededDice(seed))
        disk.faults.crash_at(number, in_the_middle=seed == 1)
        workload = Workload(disk, config_of(seed, "commit"), seed)
        is_stopped = stops_in(workload, 5)
        examiner = Examiner(workload, seed)
        workload.log = None
        examiner.examine(Stop(None, power_failed=False, disk=disk.fork()))
        examiner.examine(Stop(None, power_failed=True, disk=disk.crash(SeededDice(number))))
        is_stopped = is_stopped or disk.faults.operations > number
        number += 1
    assert number > 30


def stops_in(workload: Workload, steps: int) -> bool:
    """Whether the machine stops in this life."""
    try:
        workload.run(steps)
    except Crashed:
        return True
    return False
