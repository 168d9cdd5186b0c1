"""The life of a log, as long as you like: everything that can be done to one and can happen to it, against a list.

One machine appends batches of every codec, and transactions that are committed, aborted, fenced or left open, truncates,
deletes, retains, compacts, reopens, stops in the midst of any operation, has a device that fails, files that are lost and
bits that rot. By default it takes some thousands of steps, the same ones every time. CORDWOOD_LOG_STEPS=50000 takes as many, new ones: make test ARGS="-rP tests/properties/test_log_for_years.py".
"""

from __future__ import annotations

import errno
import functools
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cordwood.env.dice import SeededDice
from cordwood.env.disk import LocalDisk
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.config import LogConfig
from cordwood.model.errors import DiskFull, StorageFailed
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed, Fault, Faults
from tests.properties.log_damage import (
    REBUILT,
    Spot,
    files_of,
    lose_what_was_aborted,
    rot_store,
    rot_what_can_be_rebuilt,
    size_of,
    verified,
)
from tests.properties.modelled_log import PRODUCERS, ModelledLog
from tests.properties.transactors import TRANSACTORS

STEPS: Final = int(os.environ.get("CORDWOOD_LOG_STEPS", "0"))
"""For long runs: how many steps to take, all new ones."""
DEFAULT_STEPS: Final = 5000
STEPS_IN_A_LIFE: Final = 60
STOPPED, FULL, FAILED = "(stopped in the midst)", "(refused: disk full)", "(device failed)"
RULE_MARKER: Final = "hypothesis_stateful_rule"
DAY_MS: Final = 24 * 60 * 60 * 1000

KEYS = st.sampled_from([None, b"", b"a", b"b", b"c" * 30, b"d" * 70])
VALUES = st.none() | st.binary(max_size=60) | st.sampled_from([b"v" * 70, bytes(1500)])
AGES = st.integers(0, 300)
ROWS = st.lists(st.tuples(AGES, KEYS, VALUES), min_size=1, max_size=6)
HEADERS = st.sampled_from([(), (("h", b"1"), ("n", None))])
PARTS = st.floats(0, 1)


def step(action: Callable[..., None]) -> Callable[..., None]:
    """Counts a step of the machine, and goes on behind a stop or a failure in its midst."""

    @functools.wraps(action)
    def counted(machine: LogForYears, **choices: Any) -> None:
        machine.counts[action.__name__] += 1
        machine.log.allowed = machine.log.model.as_it_is()
        try:
            action(machine, **choices)
        except Crashed:
            machine.counts[STOPPED] += 1
            machine.restart(power_failed=machine.power_fails)
        except StorageFailed as error:
            machine.fail(error)

    return counted


class LogForYears(RuleBasedStateMachine):
    """One log on the simulated disk."""

    counts: Counter[str] = Counter()
    """How often each thing was done, in all lives."""

    def __init__(self):
        super().__init__()
        self.power_fails = False
        self.is_armed = False

    @initialize(
        segment_bytes=st.sampled_from([300, 900, 4000]),
        index_interval_bytes=st.sampled_from([0, 150, 4096]),
        flush_policy=st.sampled_from(["commit", "os", "interval"]),
        retention=st.sampled_from([(-1, -1), (1000, -1), (-1, 3000), (DAY_MS, 6000)]),
        delete_delay_ms=st.sampled_from([0, 50]),
        entries=st.sampled_from([1, 3, 1000]),
        delete_retention_ms=st.sampled_from([0, 1000, DAY_MS]),
        seed=st.integers(0, 1000),
    )
    def begin(self, entries, delete_retention_ms, retention, seed, **options):
        self.dice = SeededDice(seed)
        retention_ms, retention_bytes = retention
        config = LogConfig(
            flush_ms=100,
            producer_expiry_ms=1000 * DAY_MS,
            retention_ms=retention_ms,
            retention_bytes=retention_bytes,
            **options,
        )
        disk, path = self.place(seed, config)
        compaction = CompactionConfig(delete_retention_ms=delete_retention_ms)
        self.log = ModelledLog(disk, path, config, compaction, entries)

    def place(self, seed, config):
        return SimDisk(self.dice, cuts_by_copy=seed % 2 == 1), "/sim/log"

    @property
    def simulated(self):
        assert isinstance(self.log.disk, SimDisk)
        return self.log.disk

    def records(self, rows, headers=()):
        now = self.log.clock.now_ms()
        return [Record(0, now - age, key, value, headers) for age, key, value in rows]

    def an_offset(self, part):
        model = self.log.model
        return model.start + round((model.end - model.start) * part)

    # Appending.

    @rule(age=AGES, key=KEYS, value=VALUES)
    @step
    def append(self, age, key, value):
        self.log.append(self.log.clock.now_ms() - age, key, value)

    @rule(values=st.lists(st.binary(max_size=60), min_size=1, max_size=8), age=AGES)
    @step
    def append_many(self, values, age):
        self.log.append_many(values, self.log.clock.now_ms() - age)

    @rule(rows=ROWS, codec=st.sampled_from(Codec), headers=HEADERS)
    @step
    def append_records(self, rows, codec, headers):
        self.log.append_records(self.records(rows, headers), codec)

    @rule(
        batches=st.lists(st.tuples(st.sampled_from(PRODUCERS), ROWS, st.sampled_from(Codec)), min_size=1, max_size=6),
        headers=HEADERS,
        begins_epoch=st.booleans(),
        leads=st.booleans(),
    )
    @step
    def produce(self, batches, headers, begins_epoch, leads):
        self.log.leader_epoch += leads
        for number, rows, codec in batches:
            self.log.produce(number, self.records(rows, headers), codec, begins_epoch=begins_epoch)
            begins_epoch = False

    @rule(number=st.sampled_from(PRODUCERS))
    @step
    def retry(self, number):
        self.log.retry(number)

    @rule(
        batches=st.lists(st.tuples(st.sampled_from(TRANSACTORS), ROWS, st.sampled_from(Codec)), min_size=1, max_size=5),
        ends=st.lists(st.tuples(st.sampled_from(TRANSACTORS), st.sampled_from(MarkerType), st.booleans()), max_size=3),
    )
    @step
    def transact(self, batches, ends):
        """Batches of transactions, which begin or go on, and the ends of some."""
        for number, rows, codec in batches:
            self.log.transactors.produce(self.log, number, self.records(rows), codec)
        for number, kind, fences in ends:
            self.log.transactors.end(self.log, number, kind, fences=fences)

    @rule(kind=st.sampled_from(MarkerType))
    @step
    def end_all(self, kind):
        """Whatever is open ends, so that all can be read, and compacted."""
        for number in TRANSACTORS:
            self.log.transactors.end(self.log, number, kind, fences=kind is MarkerType.ABORT)

    @rule(times=st.integers(1, 30))
    @step
    def append_much(self, times):
        for number in range(times):
            self.log.append(self.log.clock.now_ms(), b"much-%d" % (number % 4), b"." * 20)

    # Durability.

    @rule()
    @step
    def sync(self):
        self.log.sync()

    @rule()
    @step
    def checkpoint(self):
        self.log.checkpoint()

    @rule()
    @step
    def rest(self):
        self.log.rest()

    @rule()
    @step
    def in_background(self):
        self.log.in_background()

    @rule(milliseconds=st.sampled_from([1, 60, 1000, DAY_MS]))
    @step
    def wait(self, milliseconds):
        self.log.clock.advance(milliseconds)

    # Cutting.

    @rule(part=PARTS)
    @step
    def truncate(self, part):
        self.log.truncate(self.an_offset(part))

    @rule(part=PARTS)
    @step
    def truncate_before(self, part):
        self.log.truncate_before(self.an_offset(part))

    @rule(part=PARTS)
    @step
    def retain(self, part):
        self.log.retain(self.an_offset(part) if part < 0.5 else self.log.model.end)

    @rule(part=PARTS)
    @step
    def compact(self, part):
        self.log.compact(self.an_offset(part) if part < 0.5 else None)

    @precondition(lambda self: self.log.model.end > 60)
    @rule(is_meant=st.integers(0, 4).map(lambda number: number == 0))
    @step
    def delete(self, is_meant):
        if is_meant:
            self.log.delete()

    # Restarts, stops and failures.

    @rule()
    @step
    def reopen(self):
        self.log.reopen()

    @rule()
    @step
    def kill(self):
        self.restart(power_failed=False)

    @rule()
    @step
    def fail_power(self):
        self.restart(power_failed=True)

    @precondition(lambda self: not self.is_armed)
    @rule(after=st.integers(0, 25), is_halved=st.booleans(), power_fails=st.booleans())
    @step
    def stop_soon(self, after, is_halved, power_fails):
        """At the operation after so many."""
        faults = self.simulated.faults
        faults.crash_at(faults.operations + after, in_the_middle=is_halved)
        self.is_armed, self.power_fails = True, power_fails

    @precondition(lambda self: not self.is_armed)
    @rule(after=st.integers(0, 25), number=st.sampled_from([errno.ENOSPC, errno.EIO]), power_fails=st.booleans())
    @step
    def break_soon(self, after, number, power_fails):
        """The operation after so many fails."""
        self.simulated.faults.fail(Fault(None, number, skip=after))
        self.is_armed, self.power_fails = True, power_fails

    def restart(self, *, power_failed):
        """The next process, on what is left."""
        disk = self.simulated
        self.log.disk = disk.crash(self.dice) if power_failed else disk.kill()
        self.is_armed = False
        self.log.recover(power_failed=power_failed)

    def fail(self, error):
        """An operation was refused: the log goes on if it can, or else the next process does."""
        self.counts[FULL if isinstance(error, DiskFull) else FAILED] += 1
        log = self.log.log
        self.is_armed = False
        if log.failure is None and not log.is_closed:
            self.log.allowed = self.log.allowed._replace(batches=tuple(self.log.model.batches))
            self.log.hold()
            # A new start that was refused may be on the disk all the same; the next checkpoint says which one it is.
            self.log.checkpoint()
        else:
            self.restart(power_failed=self.power_fails)

    # Damage.

    @precondition(lambda self: not self.is_armed)
    @rule(data=st.data(), bits=st.integers(1, 255), is_opened=st.booleans())
    @step
    def rot_what_can_be_rebuilt(self, data, bits, is_opened):
        self.log.close()
        spot = self.a_spot(data, REBUILT)
        if spot is None:
            self.log.open()
        else:
            rot_what_can_be_rebuilt(self.log, spot, bits, is_opened=is_opened)

    @precondition(lambda self: not self.is_armed)
    @rule(is_opened=st.booleans())
    @step
    def lose_what_was_aborted(self, is_opened):
        self.log.close()
        lose_what_was_aborted(self.log, is_opened=is_opened)

    @precondition(lambda self: not self.is_armed)
    @rule(data=st.data(), bits=st.integers(1, 255), is_cut=st.booleans())
    @step
    def rot_store(self, data, bits, is_cut):
        self.log.close()
        spot = self.a_spot(data, (".log",))
        if spot is None:
            self.log.open()
        else:
            rot_store(self.log, spot, bits, is_cut=is_cut)

    @precondition(lambda self: not self.is_armed)
    @rule()
    @step
    def verify(self):
        """Nobody finds damage where there is none."""
        self.log.close()
        assert not verified(self.log).damage
        self.log.open()

    def a_spot(self, data, suffixes):
        paths = files_of(self.log, suffixes)
        if not paths:
            return None
        path = data.draw(st.sampled_from(paths))
        return Spot(path, data.draw(st.integers(0, size_of(self.log, path) - 1)))

    # Reading.

    @rule()
    @step
    def audit(self):
        self.log.audit()

    @rule(part=PARTS, beside=st.sampled_from([0, 0, 0, -1, 1]), max_bytes=st.integers(0, 1000), limit=st.integers(0, 9))
    @step
    def read_range(self, part, beside, max_bytes, limit):
        bases = [batch.base_offset for batch in self.log.model.batches] + [self.log.model.end]
        self.log.read_range(self.an_offset(part) + beside, max_bytes, bases[-min(limit + 1, len(bases))])

    @rule(age=st.integers(-5, 2000))
    @step
    def find(self, age):
        self.log.find(self.log.clock.now_ms() - age)

    @invariant()
    def bounds(self):
        model, log = self.log.model, self.log.log
        assert (log.start_offset, log.end_offset) == (model.start, model.end)
        assert log.synced_offset >= model.durable

    def teardown(self):
        if hasattr(self, "log"):
            self.simulated.faults = Faults()
            self.log.log.close()


class LocalLogForYears(LogForYears):
    """The same on the disk of the operating system, where only processes die."""

    counts: Counter[str] = Counter()

    def place(self, seed, config):
        self.folder = tempfile.mkdtemp(prefix="cordwood-")
        return LocalDisk(), f"{self.folder}/log"

    @precondition(lambda self: False)
    @rule()
    def stop_soon(self):
        """Nobody stops this machine."""

    @precondition(lambda self: False)
    @rule()
    def break_soon(self):
        """Nor does its device fail."""

    def restart(self, *, power_failed):
        self.log.log.abandon()
        self.log.recover(power_failed=False)

    def teardown(self):
        if hasattr(self, "log"):
            self.log.close()
            shutil.rmtree(self.folder)


def live(machine: type[LogForYears], steps: int, *, is_new: bool) -> str:
    """Takes about so many steps, and says how many of each kind."""
    machine.counts.clear()
    lives = settings(max_examples=max(1, steps // STEPS_IN_A_LIFE), stateful_step_count=STEPS_IN_A_LIFE)
    how = settings(lives, derandomize=not is_new, database=None, report_multiple_bugs=False)
    run_state_machine_as_test(machine, settings=how)
    total = sum(count for name, count in machine.counts.items() if not name.startswith("("))
    return "\n".join([f"{total} steps", *(f"{count:9} {name}" for name, count in sorted(machine.counts.items()))])


@pytest.mark.timeout(0 if STEPS else 120)
def test_a_log_for_years():
    print(live(LogForYears, STEPS or DEFAULT_STEPS, is_new=STEPS > 0))
    rules = {name for name, member in vars(LogForYears).items() if hasattr(member, RULE_MARKER)}
    assert len(rules) > 20
    assert not {name for name in rules if not LogForYears.counts[name]}, "every rule was tried"
    assert LogForYears.counts[STOPPED]
    assert LogForYears.counts[FAILED]


@pytest.mark.timeout(0 if STEPS else 120)
def test_a_log_for_years_on_a_real_disk():
    print(live(LocalLogForYears, (STEPS or DEFAULT_STEPS) // 10, is_new=STEPS > 0))
    lived = {"append", "append_records", "truncate", "compact", "reopen", "kill", "rot_store"}
    assert not {name for name in lived if not LocalLogForYears.counts[name]}, "it lived through all of that"
