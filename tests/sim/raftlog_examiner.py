"""What is looked at when the machine stops in the life of a raft log.

A failure names the life: `examine_life(seed)` plays it again.
"""

from __future__ import annotations

from cordwood.env.dice import SeededDice
from cordwood.raftlog.raft_log import RaftLog
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import Stop, stops
from tests.raftlog.model import Model, look
from tests.sim.raftlog_workload import PATH, Workload, config_of, open_log


class Examiner:
    """Opens the log at every stop of one life."""

    def __init__(self, workload: Workload, seed: int) -> None:
        self.workload = workload
        self.dice = SeededDice(seed + 1_000_000)
        self.counts = dict.fromkeys(
            ("stops", "power failures", "lost records", "torn tails", "new chunks", "leftovers"), 0
        )

    def examine(self, stop: Stop) -> None:
        """Looks; now and then stops the opening, too."""
        if self.dice.below(12) == 0:
            self.stop_while_opening(stop)
        self.look_at(stop.disk, power_failed=stop.power_failed)

    def stop_while_opening(self, stop: Stop) -> None:
        """Stops again at every step of the recovery."""

        def look_again(second: Stop) -> None:
            self.look_at(second.disk, power_failed=stop.power_failed or second.power_failed)

        with stops(fork := stop.disk.fork(), self.dice, look_again):
            open_log(fork, self.workload.config).close()

    def look_at(self, disk: SimDisk, *, power_failed: bool) -> None:
        """The log opens, holds what it must, keeps it, and can be worked with."""
        allowed = self.workload.allowed(power_failed=power_failed)
        before = chunks_on(disk)
        log = open_log(disk, self.workload.config)
        found = look(log)
        assert found in allowed, f"found {found}, which is none of the last {len(allowed)}: {allowed}"
        self.count(log, found, before, power_failed=power_failed)
        again = look(open_log(disk.fork().crash(self.dice), self.workload.config))
        assert again == found, f"{found} was shown at opening, and was not durable: {again}"
        self.work_on(disk, log, found)

    def work_on(self, disk: SimDisk, log: RaftLog, found: Model) -> None:
        """An entry more, and a power failure."""
        last = found.state.last or (0, -1)
        log.append([((last[0] + 1, last[1] + 1), b"after")])
        log.sync()
        worked_on = look(log)
        again = open_log(disk.crash(self.dice), self.workload.config)
        assert look(again) == worked_on
        assert (last[0] + 1, last[1] + 1) == again.log_state().last

    def count(self, log: RaftLog, found: Model, before: int, *, power_failed: bool) -> None:
        """Whether all of it happens in these lives."""
        self.counts["stops"] += 1
        self.counts["power failures"] += power_failed
        self.counts["lost records"] += found != self.workload.versions[-1]
        self.counts["torn tails"] += log.cut_bytes > 0
        stat = log.stat()
        self.counts["new chunks"] += not stat.open_chunk.records - 1 and stat.unwritten_bytes > 0
        self.counts["leftovers"] += len(stat.closed_chunks) + 1 < before


def chunks_on(disk: SimDisk) -> int:
    """How many chunks there are."""
    return sum(name.startswith("r-") for name in disk.list(PATH)) if disk.exists(PATH) else 0


def examine_life(seed: int, steps: int = 24) -> dict[str, int]:
    """Plays one life and looks at the log at every stop; returns what was counted."""
    disk = SimDisk(SeededDice(seed), cuts_by_copy=seed % 2 == 1)
    workload = Workload(disk, config_of(seed), seed)
    examiner = Examiner(workload, seed)
    try:
        with stops(disk, examiner.dice, examiner.examine):
            workload.run(steps)
    except BaseException as error:
        error.add_note(f"examine_life({seed}, {steps})")
        raise
    return examiner.counts | workload.counts
