"""Which partitions are compacted, and with what.

Lives here: the joint between topics that are compacted and the schedule that compacts logs. Must not live here: when a
log is due and what stays of it (log.compaction).

The thread and its offset map come with the first compacted partition: a broker without one pays for neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.env.disk import Disk
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CleanerConfig, CompactionConfig
from cordwood.log.compaction.schedule import CompactionSchedule
from cordwood.log.log import Log

if TYPE_CHECKING:
    from cordwood.log.compaction.tools import Progress
    from cordwood.replica.partition import Partition


class Cleaning:
    """The compacted partitions of one broker."""

    def __init__(self, background: Background, clock: Clock, disk: Disk, config: CleanerConfig) -> None:
        self.config = config
        """What compaction may take of this machine."""
        self._new_schedule: Callable[[], CompactionSchedule] = lambda: CompactionSchedule(
            background, clock, disk, self.config
        )
        self._schedule: CompactionSchedule | None = None
        self._compactors: dict[Log, Compactor] = {}

    def follow(self, partition: Partition, config: CompactionConfig | None) -> None:
        """From now on the partition is compacted in this way, or not at all."""
        log = partition.log
        known = self._compactors.get(log)
        if config is None:
            if known is not None:
                self.forget(log)
        elif known is not None:
            known.reconfigure(config)
        else:
            schedule = self._running()
            compactor = self._compactors[log] = Compactor(log, schedule.tools, config)
            schedule.add(compactor, lambda: partition.last_stable_offset)

    def reconfigure(self, config: CleanerConfig) -> None:
        """From the next log on, compaction takes so much of the machine."""
        if config != self.config:
            self.config = config
            if self._schedule is not None:
                self._schedule.reconfigure(config)

    def compactor_of(self, log: Log) -> Compactor | None:
        """What compacts a log; None if nothing does."""
        return self._compactors.get(log)

    def forget(self, log: Log) -> None:
        """The log is compacted no more; returns when nobody works on it."""
        if self._compactors.pop(log, None) is not None and self._schedule is not None:
            self._schedule.remove(log)

    @property
    def progress(self) -> Progress | None:
        """What was compacted so far; None if nothing ever had to be."""
        return None if self._schedule is None else self._schedule.tools.progress

    @property
    def failure_count(self) -> int:
        """How many logs could not be compacted the last time it was tried."""
        return 0 if self._schedule is None else len(self._schedule.failures)

    def compact_now(self) -> None:
        """Looks at once for what is due, for tests and tools; the thread looks by itself every now and then."""
        if self._schedule is not None:
            self._schedule.nudge()

    def step(self) -> bool:
        """Compacts the log that needs it most, if one does, within the call: for worlds without threads."""
        return self._schedule is not None and self._schedule.step()

    def _running(self) -> CompactionSchedule:
        if self._schedule is None:
            self._schedule = self._new_schedule()
            self._schedule.start()
        return self._schedule

    def close(self) -> None:
        """Stops between two batches, and returns when the thread has ended."""
        if self._schedule is not None:
            self._schedule.close()
