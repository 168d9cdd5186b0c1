"""Compaction through a crash at every file operation: what is found is the old log, or the new one, run by run.

A failure names the seed: `examine(seed)` plays it again.
"""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.compaction.first_dirty import load_first_dirty
from cordwood.log.compaction.tools import Tools
from cordwood.log.config import LogConfig
from cordwood.sim.checkers import disagreements
from cordwood.sim.disk import SimDisk
from cordwood.sim.found import look
from cordwood.sim.stops import stops
from tests.log.compaction.workshop import DAY_MS, Workshop, state_of
from tests.log.kit import World

PATH = "/sim/log"


class Examiner:
    """Looks at every disk that a compaction may leave."""

    def __init__(self, shop, seed):
        self.shop = shop
        self.dice = SeededDice(seed + 1_000_000)
        self.state = state_of(shop.appended)
        self.versions = [records_of(shop.log)]
        """What the log held before the first swap, and after each."""
        self.seen = []
        self.looked_at = 0
        exchange = shop.log.exchange

        def watched(run, **options):
            segment = exchange(run, **options)
            self.versions.append(records_of(shop.log))
            return segment

        shop.log.exchange = watched

    def examine(self, stop):
        """The log opens, holds one version or the next, and can be compacted."""
        try:
            if self.dice.below(40) == 0:
                with stops(fork := stop.disk.fork(), self.dice, lambda second: self.open_and_look(second.disk)):
                    self.opened(fork)
            self.open_and_look(stop.disk)
        except BaseException as error:
            error.add_note(str(stop))
            raise

    def open_and_look(self, disk):
        """What a restarted program would do."""
        self.looked_at += 1
        world, log = self.opened(disk)
        records = records_of(log)
        self.seen.append((len(self.versions) - 1, records))
        assert state_of(records) == self.state
        assert not (wrong := list(disagreements(log, look(log)))), "\n".join(wrong)
        assert not [name for name in world.names() if name.endswith((".cleaned", ".swap"))]
        assert log.end_offset == self.shop.log.end_offset
        first_dirty = load_first_dirty(disk, PATH)
        clean = [record.key for record in records if record.offset < first_dirty]
        assert len(clean) == len(set(clean)), "more is said to be clean than is"
        if self.dice.below(4) == 0:
            self.compacted(world, log)

    def compacted(self, world, log):
        """Compacts what is left to be compacted."""
        tools = Tools(self.shop.tools.config, disk=world.disk, clock=world.clock, stop=self.shop.stopper)
        result = Compactor(log, tools, self.shop.compaction).compact(world.clock.now_ms())
        records = records_of(log)
        assert state_of(records) == self.state
        keys = [record.key for record in records if record.offset < result.first_dirty]
        assert len(keys) == len(set(keys))
        log.append(b"after")

    def opened(self, disk):
        world = World(self.shop.config, disk, PATH)
        world.clock = self.shop.clock
        return world, world.open()

    def conclude(self):
        """Each disk held the version of its time, or the one that was about to be."""
        self.versions.append(self.versions[-1])
        for number, records in self.seen:
            assert records in self.versions[number : number + 2], f"{records} is neither of {self.versions}"


def records_of(log):
    return look(log).records


def examine(seed):
    """One log, compacted twice; returns how many disks were looked at."""
    dice = SeededDice(seed)
    config = LogConfig(
        flush_policy="os",
        segment_bytes=(400, 900, 2500)[dice.below(3)],
        index_interval_bytes=(0, 150, 4096)[dice.below(3)],
    )
    shop = Workshop(
        config,
        SimDisk(dice, cuts_by_copy=seed % 2 == 1),
        entries=(4, 1000)[dice.below(2)],
        compaction=CompactionConfig(delete_retention_ms=DAY_MS),
        path=PATH,
    )
    looked_at = 0
    for _ in range(2):
        # The second time there are small neighbours to merge, and tombstones that are old enough.
        shop.fill(3 + dice.below(5), seed=dice.below(1000), keys=5)
        shop.roll()
        shop.log.checkpoint()
        shop.clock.advance(DAY_MS)
        examiner = Examiner(shop, seed)
        try:
            with stops(shop.disk, examiner.dice, examiner.examine):
                shop.compact()
            examiner.conclude()
        except BaseException as error:
            error.add_note(f"examine({seed})")
            raise
        del shop.log.exchange
        looked_at += examiner.looked_at
    return looked_at


@pytest.mark.parametrize("seed", range(3))
def test_a_crash_at_every_operation_leaves_the_old_log_or_the_new_one(seed):
    assert examine(seed) > 100
