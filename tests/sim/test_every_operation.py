"""The machine stops at every single file operation of everything that a log does, and each time the log is recovered.

At each stop the disk is looked at twice, as the death of the process leaves it and as a power failure may: the log opens,
holds what it was said to hold (tests/properties/log_model.py), and goes on. Now and then the recovery is stopped as well,
at every operation of its own. The table that is printed says how many stops there were in each operation:

    make test ARGS="-rP tests/sim/test_every_operation.py"         CORDWOOD_SIM_SEEDS=100 adds as many lives
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from cordwood.env.dice import SeededDice
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.config import LogConfig
from cordwood.log.segment import Segment
from cordwood.records.batch import Codec
from cordwood.records.record import Record
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import Stop, stops
from tests.properties.modelled_log import PRODUCERS, ModelledLog

SEEDS: Final = 3 + int(os.environ.get("CORDWOOD_SIM_SEEDS", "0"))
STEPS: Final = 15
RETENTION_MS: Final = 500
OPERATIONS: Final = (
    "append",
    "rotate",
    "truncate",
    "delete records",
    "retain",
    "delete",
    "compact",
    "checkpoint",
    "recovery",
    "in the background",
)


class Census:
    """How often the machine stopped in each operation, and how many logs were recovered from that."""

    def __init__(self) -> None:
        self.stops: Counter[str] = Counter()
        self.recovered: Counter[str] = Counter()

    def __str__(self) -> str:
        rows = [("operation", "stops", "recoveries looked at")]
        rows += [(name, f"{self.stops[name]}", f"{self.recovered[name]}") for name in OPERATIONS]
        rows.append(("all", f"{self.stops.total()}", f"{self.recovered.total()}"))
        return "\n".join(f"{name:20}{stops:>8}{recovered:>24}" for name, stops, recovered in rows)


class Life:
    """A log that does as the dice say, and an examiner who looks at every stop."""

    def __init__(self, seed: int, census: Census) -> None:
        self.census = census
        self.dice = SeededDice(seed)
        self.examiners_dice = SeededDice(seed + 1_000_000)
        self.disk = SimDisk(SeededDice(seed), cuts_by_copy=seed % 2 == 1)
        self.operation = "recovery"
        config = LogConfig(
            flush_policy=("commit", "os", "interval")[seed % 3],
            flush_ms=100,
            segment_bytes=(400, 900, 2500)[self.dice.below(3)],
            index_interval_bytes=(0, 150, 4096)[self.dice.below(3)],
            retention_ms=RETENTION_MS,
            retention_bytes=(-1, 3000)[self.dice.below(2)],
            delete_delay_ms=(0, 50)[self.dice.below(2)],
        )
        compaction = CompactionConfig(delete_retention_ms=(0, 1000)[self.dice.below(2)])
        with stops(self.disk, self.examiners_dice, self.before_there_is_one):
            self.log = ModelledLog(self.disk, "/sim/log", config, compaction, entries=(4, 1000)[self.dice.below(2)])
        self.name_rotations()

    def run(self) -> None:
        """Lives its steps and closes the log."""
        actions: tuple[Callable[[], None], ...] = (
            self.append,
            self.in_background,
            self.append,
            self.truncate,
            self.compact,
            self.delete_records,
            self.append,
            self.compact,
            self.checkpoint,
            self.recover,
            self.retain,
            self.reopen,
        )
        with stops(self.disk, self.examiners_dice, self.examine):
            for number in range(STEPS):
                actions[number if number < len(actions) else self.dice.below(len(actions))]()
                self.log.clock.advance(self.dice.below(200))
            self.delete()

    @contextmanager
    def doing(self, operation: str) -> Iterator[None]:
        """What is done meanwhile belongs to an operation."""
        before, self.operation = self.operation, operation
        if before == operation or operation != "rotate":
            self.log.allowed = self.log.model.as_it_is()
        try:
            yield
        finally:
            self.operation = before

    def name_rotations(self) -> None:
        """A rotation is a part of an append or a retention, with a name of its own."""
        rotate = self.log.log._rotate

        def named(now: int) -> Segment:
            with self.doing("rotate"):
                return rotate(now)

        self.log.log._rotate = named  # type: ignore[method-assign]

    # What is looked at.

    def before_there_is_one(self, stop: Stop) -> None:
        """The log was about to be made: there is none, or an empty one."""
        self.count("recovery")
        log = ModelledLog(stop.disk, "/sim/log", LogConfig())
        log.audit()
        log.append(1, b"key", b"value")

    def examine(self, stop: Stop) -> None:
        """The log opens and holds what is allowed; then it takes appends and is compacted."""
        self.count(self.operation)
        if self.examiners_dice.below(40) == 0:
            fork = stop.disk.fork()
            twin = self.log.twin(fork)
            with stops(fork, self.examiners_dice, lambda second: self.examine_again(stop, second)):
                twin.open()
        self.look(stop.disk, power_failed=stop.power_failed)

    def examine_again(self, first: Stop, second: Stop) -> None:
        """The recovery stopped, too."""
        self.count("recovery")
        self.look(second.disk, power_failed=first.power_failed or second.power_failed)

    def count(self, operation: str) -> None:
        """Each stop is looked at twice: after the death of the process, and after a power failure."""
        self.census.recovered[operation] += 1
        self.census.stops[operation] = (self.census.recovered[operation] + 1) // 2

    def look(self, disk: SimDisk, *, power_failed: bool) -> None:
        """What the next process does."""
        log = self.log.twin(disk)
        log.recover(power_failed=power_failed)
        log.append(log.clock.now_ms(), b"after", b"the stop")
        for number in PRODUCERS:
            log.retry(number)
        if self.examiners_dice.below(4) == 0:
            log.compact(None)
            log.audit()

    # What it does.

    def append(self) -> None:
        """Some batches of each kind."""
        log = self.log
        for _ in range(2):
            with self.doing("append"):
                log.append(log.clock.now_ms(), self.key(), self.value())
            with self.doing("append"):
                log.append_records([self.record(), self.record()], Codec(self.dice.below(5)))
            with self.doing("append"):
                begins = self.dice.below(6) == 0
                records = [self.record() for _ in range(1 + self.dice.below(3))]
                log.produce(PRODUCERS[self.dice.below(2)], records, Codec(self.dice.below(5)), begins_epoch=begins)

    def truncate(self) -> None:
        """Half of it at most."""
        with self.doing("truncate"):
            self.log.truncate(self.log.model.end - self.dice.below(self.size() // 2 + 1))

    def delete_records(self) -> None:
        """Half of it at most."""
        with self.doing("delete records"):
            self.log.truncate_before(self.log.model.start + self.dice.below(self.size() // 2 + 1))

    def retain(self) -> None:
        """What is too old or too much."""
        self.log.clock.advance(RETENTION_MS)
        with self.doing("retain"):
            self.log.retain(self.log.model.end)

    def compact(self) -> None:
        """All that is closed."""
        with self.doing("compact"):
            self.log.compact(None)

    def checkpoint(self) -> None:
        """As a broker does now and then."""
        with self.doing("checkpoint"):
            self.log.checkpoint()

    def in_background(self) -> None:
        """What rotations and deletions left to do."""
        with self.doing("in the background"):
            self.log.in_background()

    def recover(self) -> None:
        """The process dies, and the next one opens the log."""
        with self.doing("recovery"):
            self.log.recover(power_failed=False)
        self.name_rotations()

    def reopen(self) -> None:
        """The process ends as it should, and the next one opens the log."""
        with self.doing("checkpoint"):
            self.log.close()
        with self.doing("recovery"):
            self.log.open()
        self.name_rotations()

    def delete(self) -> None:
        """All of it."""
        with self.doing("delete"):
            self.log.delete()
        self.name_rotations()

    # What it takes for that.

    def size(self) -> int:
        return self.log.model.end - self.log.model.start

    def key(self) -> bytes:
        return b"key-%d" % self.dice.below(5)

    def value(self) -> bytes | None:
        return None if self.dice.below(6) == 0 else self.dice.token(self.dice.below(80))

    def record(self) -> Record:
        return Record(0, self.log.clock.now_ms() - self.dice.below(300), self.key(), self.value())


def test_the_machine_may_stop_at_every_operation():
    census = Census()
    for seed in range(SEEDS):
        try:
            Life(seed, census).run()
        except BaseException as error:
            error.add_note(f"Life({seed}, Census()).run()")
            raise
    print(census)
    assert not [name for name in OPERATIONS if not census.stops[name]], f"never stopped in:\n{census}"
