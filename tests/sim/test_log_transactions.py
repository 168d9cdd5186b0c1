"""The machine stops at every file operation of a log with transactions: readers of committed records get those and no others.

Rotation, truncation, deletion, retention, compaction, checkpoint and recovery; after each stop the log is opened as the death
of the process leaves it, and as a power failure may. In every second case somebody has taken the files of aborted
transactions away besides. What is read is compared with a list (tests/properties/transactors.py).

A failure names the life: `Life(seed).run()` plays it again. CORDWOOD_SIM_SEEDS=100 adds as many.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.config import LogConfig
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import Stop, stops
from tests.properties.committed import committed
from tests.properties.modelled_log import ModelledLog
from tests.properties.transactors import TRANSACTORS, check_committed

SEEDS: Final = 3 + int(os.environ.get("CORDWOOD_SIM_SEEDS", "0"))
STEPS: Final = 12
RETENTION_MS: Final = 1000


class Life:
    """A log whose producers do as the dice say, and an examiner who looks at every stop."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.examiners_dice = SeededDice(seed + 1_000_000)
        self.disk = SimDisk(SeededDice(seed), cuts_by_copy=seed % 2 == 1)
        self.looked_at: Counter[str] = Counter()
        self.lost_files = 0
        self.most_committed = 0
        """Records that a reader was given at once."""
        self.operation = ""
        config = LogConfig(
            flush_policy=("commit", "os", "interval")[seed % 3],
            flush_ms=100,
            segment_bytes=(500, 900)[self.dice.below(2)],
            index_interval_bytes=150,
            retention_ms=RETENTION_MS,
        )
        compaction = CompactionConfig(delete_retention_ms=(0, 1000)[self.dice.below(2)])
        self.log = ModelledLog(self.disk, "/sim/log", config, compaction, entries=(4, 1000)[self.dice.below(2)])

    def run(self) -> None:
        """Lives its steps."""
        actions: tuple[Callable[[], None], ...] = (
            self.transact,
            self.checkpoint,
            self.transact,
            self.compact,
            self.truncate,
            self.transact,
            self.delete_records,
            self.reopen,
            self.transact,
            self.compact,
            self.retain,
        )
        with stops(self.disk, self.examiners_dice, self.examine):
            for number in range(STEPS):
                action = actions[number if number < len(actions) else self.dice.below(len(actions))]
                self.operation = action.__name__
                self.log.allowed = self.log.model.as_it_is()
                action()
                self.log.allowed = self.log.model.as_it_is()
                self.log.clock.advance(self.dice.below(200))

    # What is looked at.

    def examine(self, stop: Stop) -> None:
        """What the next process does: it reads, ends all transactions, and reads again; now and then, compacted as well."""
        self.looked_at[self.operation] += 1
        if self.examiners_dice.below(2):
            self.lose_files(stop.disk)
        log = self.log.twin(stop.disk)
        log.recover(power_failed=stop.power_failed)
        for number in TRANSACTORS:
            log.transactors.end(log, number, MarkerType(self.examiners_dice.below(2)), fences=True)
        assert log.log.first_undecided_offset() is None
        check_committed(log.log, log.model)
        self.most_committed = max(self.most_committed, len(committed(log.model.batches)))
        if self.examiners_dice.below(8) == 0:
            log.compact(None)
            log.reopen()
            log.audit()

    def lose_files(self, disk: SimDisk) -> None:
        """Of aborted transactions, as far as they have their final names."""
        for name in disk.list("/sim/log"):
            if name.endswith(".txnidx"):
                disk.unlink(f"/sim/log/{name}")
                self.lost_files += 1

    # What it does.

    def transact(self) -> None:
        """Batches of producers whose transactions interleave, other batches between them, and the ends of some."""
        log = self.log
        for _ in range(2):
            for _ in range(1 + self.dice.below(3)):
                number = TRANSACTORS[self.dice.below(len(TRANSACTORS))]
                log.transactors.produce(log, number, [self.record(), self.record()], Codec.NONE)
            log.allowed = log.model.as_it_is()
            log.append(log.clock.now_ms(), b"key-%d" % self.dice.below(5), b"alone")
            number, kind = TRANSACTORS[self.dice.below(len(TRANSACTORS))], MarkerType(self.dice.below(2))
            log.transactors.end(log, number, kind, fences=self.dice.below(2) == 1)

    def truncate(self) -> None:
        """A third of it at most."""
        self.log.truncate(self.log.model.end - self.dice.below(self.size() // 3 + 1))

    def delete_records(self) -> None:
        """A third of it at most."""
        model = self.log.model
        self.log.truncate_before(min(model.start + 1 + self.dice.below(self.size() // 3 + 1), model.end))

    def retain(self) -> None:
        """What is too old."""
        self.log.clock.advance(RETENTION_MS)
        self.log.retain(self.log.model.end)

    def compact(self) -> None:
        """All that is closed and decided; at first what is open ends, all or most of it, so that there is something."""
        for number in TRANSACTORS[self.dice.below(2) :]:
            self.log.transactors.end(self.log, number, MarkerType(self.dice.below(2)), fences=False)
            self.log.allowed = self.log.model.as_it_is()
        self.log.compact(None)

    def checkpoint(self) -> None:
        """As a broker does now and then."""
        self.log.checkpoint()

    def reopen(self) -> None:
        """The process ends as it should, and the next one opens the log."""
        self.log.reopen()
        self.log.in_background()

    # What it takes for that.

    def size(self) -> int:
        return self.log.model.end - self.log.model.start

    def record(self) -> Record:
        value = self.dice.token(self.dice.below(60))
        return Record(0, self.log.clock.now_ms(), b"key-%d" % self.dice.below(5), value)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_reader_of_committed_records_gets_those_after_every_stop(seed):
    life = Life(seed)
    try:
        life.run()
    except BaseException as error:
        error.add_note(f"Life({seed}).run()")
        raise
    assert set(life.looked_at) == {
        "transact",
        "checkpoint",
        "compact",
        "truncate",
        "delete_records",
        "reopen",
        "retain",
    }
    assert life.lost_files > 20
    assert life.most_committed > 10
