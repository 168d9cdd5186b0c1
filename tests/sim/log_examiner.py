"""What is looked at when the machine stops in the life of a log.

A failure names the life: `examine_life(seed, policy)` plays it again.
"""

from __future__ import annotations

from cordwood.env.dice import SeededDice
from cordwood.log.log import Log
from cordwood.model.errors import OutOfOrderSequence
from cordwood.sim.checkers import violations
from cordwood.sim.disk import SimDisk
from cordwood.sim.found import Found, look
from cordwood.sim.history import Outcome
from cordwood.sim.stops import Stop, stops
from tests.sim.log_workload import Producer, Workload, config_of, open_log


class Examiner:
    """Looks at every stop of one life."""

    def __init__(self, workload: Workload, seed: int) -> None:
        self.workload = workload
        self.dice = SeededDice(seed + 1_000_000)
        self.looked_at = 0

    def examine(self, stop: Stop) -> None:
        """The log opens, holds what it must, and can be worked with."""
        history, log = self.workload.history, self.workload.log
        if log is not None:
            history.synced_below(log.synced_offset)
        outcome = Outcome.SYNCED if stop.power_failed else Outcome.WRITTEN
        if self.dice.below(12) == 0:
            self.stop_while_opening(stop, outcome)
        self.open_and_look(stop.disk, outcome)

    def open_and_look(self, disk: SimDisk, outcome: Outcome) -> None:
        """What a restarted program would do."""
        log, flusher = open_log(disk, self.workload.config)
        self.looked_at += 1
        found = self.look(log, outcome)
        self.is_durable_below(disk, log.synced_offset, found)
        self.work_on(log, found, outcome)
        flusher.turn()
        flusher.pending.run()
        worked_on = look(log)
        log.close()
        after, _ = open_log(disk.crash(self.dice), self.workload.config)
        assert look(after) == worked_on

    def stop_while_opening(self, stop: Stop, outcome: Outcome) -> None:
        """Stops again at every step of the recovery."""

        def look_again(second: Stop) -> None:
            self.looked_at += 1
            log, _ = open_log(second.disk, self.workload.config)
            self.look(log, Outcome.SYNCED if second.power_failed else outcome)

        with stops(fork := stop.disk.fork(), self.dice, look_again):
            open_log(fork, self.workload.config)

    def look(self, log: Log, outcome: Outcome) -> Found:
        """Checks every property."""
        found = look(log)
        wrong = violations(self.workload.history, log, found, outcome)
        assert not wrong, "\n".join(wrong)
        return found

    def is_durable_below(self, disk: SimDisk, offset: int, found: Found) -> None:
        """What an opened log says is synced, a power failure leaves."""
        log, _ = open_log(disk.fork().crash(self.dice), self.workload.config)
        # A start that nobody was told of may still go back to where it was.
        after = [record for record in look(log).records if record.offset >= found.start_offset]
        kept = [record for record in found.records if record.offset < offset]
        assert after[: len(kept)] == kept, f"{offset} was said to be synced after opening"

    def work_on(self, log: Log, found: Found, outcome: Outcome) -> None:
        """Retries are appended once, never twice; then an append."""
        for producer in self.workload.producers:
            if producer.last_records:
                self.retry(log, producer, found, outcome)
        offset = log.append(b"after")
        assert [record.value for record in log.read(offset)] == [b"after"]

    def retry(self, log: Log, producer: Producer, found: Found, outcome: Outcome) -> None:
        """The producer did not get its answer and sends the batch again."""
        try:
            first = log.append_batch(producer.batch(), self.workload.leader_epoch)
        except OutOfOrderSequence:
            # Only where a batch before it is missing, which nobody was told would be kept.
            is_truncated = self.workload.history.end_offset_asked is not None
            assert is_truncated or any(asked.outcome < outcome for asked in producer.asked[:-1]), producer
            return
        again = log.append_batch(producer.batch(), self.workload.leader_epoch)
        assert again.duplicate
        assert again.base_offset == first.base_offset
        if first.duplicate:
            assert first.base_offset < found.end_offset
        else:
            assert first.base_offset >= found.end_offset


def examine_life(seed: int, policy: str, steps: int = 12, cuts_by_copy: bool = False) -> int:
    """Plays one life and looks at the log at every stop; returns how many logs were looked at."""
    workload = Workload(SimDisk(SeededDice(seed), cuts_by_copy=cuts_by_copy), config_of(seed, policy), seed)
    examiner = Examiner(workload, seed)
    try:
        with stops(workload.disk, examiner.dice, examiner.examine):
            workload.run(steps)
    except BaseException as error:
        error.add_note(f"examine_life({seed}, {policy!r}, {steps}, {cuts_by_copy})")
        raise
    return examiner.looked_at
