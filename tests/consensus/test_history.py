"""Seeded histories of a group: deaths, power failures in the midst of any file operation, partitions, bad networks,
snapshots, handovers and changes of the members, in an order drawn by lot; the ledger looks all the time.

A failure names the seed: `History(seed).run()` plays it again. CORDWOOD_SIM_SEEDS=100 adds as many.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from cordwood.model.consensus_errors import NotTaken
from cordwood.raft import Change, ChangeKind, ConfChange
from tests.consensus.world import World

MORE_SEEDS = int(os.environ.get("CORDWOOD_SIM_SEEDS", "0"))
"""For long runs: as many more histories."""

EVENTS = 150

KINDS = {
    "propose": 40,
    "read": 10,
    "kill": 2,
    "lose_power": 3,
    "lose_power_soon": 3,
    "restart": 9,
    "part": 3,
    "heal": 4,
    "storm": 3,
    "calm": 3,
    "snapshot": 4,
    "transfer": 2,
    "change": 3,
    "wait": 20,
}

seen: Counter[str] = Counter()


class History:
    """One seed: the same seed is the same history."""

    def __init__(self, seed: int) -> None:
        self.world = World(5 if seed % 2 else 3, seed, 3, snapshot_every_entries=10 + seed % 20)
        self.deck = [kind for kind, weight in KINDS.items() for _ in range(weight)]

    def below(self, limit: int) -> int:
        return self.world.dice.below(limit)

    def run(self) -> World:
        """All of it, and the peace afterwards, in which the group takes in commands again."""
        world = self.world
        for _ in range(EVENTS):
            kind = self.deck[self.below(len(self.deck))]
            world.ledger.seen[kind] += 1
            getattr(self, kind)()
            world.run(self.below(30) / 1_000)
        self.heal()
        self.calm()
        for member in world.members.values():
            member.disk.faults.crash_at(1 << 60)
        world.agree()
        world.get(world.propose(world.elected()))
        world.agree()
        for driver in world.drivers():
            numbers = driver.metrics()
            world.ledger.seen["snapshots made"] += numbers.snapshots_made
            world.ledger.seen["snapshots installed"] += numbers.snapshots_installed
        world.ledger.seen["acknowledged"] += len(world.ledger.acknowledged)
        world.ledger.seen["terms"] += len(world.ledger.leaders)
        return world

    def pick(self):
        drivers = self.world.drivers()
        return drivers[self.below(len(drivers))] if drivers else None

    def propose(self) -> None:
        driver = self.world.leader() if self.below(3) else self.pick()
        for _ in range(1 + self.below(4)):
            if driver:
                self.world.propose(driver)

    def read(self) -> None:
        if driver := self.pick():
            self.world.read(driver)

    def kill(self) -> None:
        if driver := self.pick():
            self.world.members[driver.id].end(power=False)

    def lose_power(self) -> None:
        if driver := self.pick():
            self.world.members[driver.id].end(power=True)

    def lose_power_soon(self) -> None:
        """In the midst of a file operation that comes."""
        if driver := self.pick():
            faults = self.world.members[driver.id].disk.faults
            faults.crash_at(faults.operations + self.below(25), in_the_middle=self.below(2) == 1)

    def restart(self) -> None:
        down = [member for member in self.world.members.values() if member.driver is None]
        if down:
            down[self.below(len(down))].start()

    def part(self) -> None:
        self.world.network.part({node: self.below(2) for node in self.world.members})

    def heal(self) -> None:
        self.world.network.part({})

    def storm(self) -> None:
        weather = self.world.network.weather
        weather.loss_ppm, weather.damage_ppm = self.below(300_000), self.below(100_000)
        weather.delay_max_us = 2_000 + self.below(40_000)

    def calm(self) -> None:
        weather = self.world.network.weather
        weather.loss_ppm, weather.damage_ppm, weather.delay_max_us = 0, 0, 2_000

    def snapshot(self) -> None:
        if driver := self.pick():
            driver.make_snapshot()

    def transfer(self) -> None:
        if driver := self.pick():
            driver.transfer_leadership(1 + self.below(len(self.world.members)))

    def change(self) -> None:
        leader = self.world.leader()
        if leader:
            kinds = list(ChangeKind)
            changes = tuple(
                Change(kinds[self.below(len(kinds))], 1 + self.below(len(self.world.members)))
                for _ in range(1 + self.below(2))
            )
            try:
                leader.change(ConfChange(changes))
            except NotTaken:
                return

    def wait(self) -> None:
        self.world.run(self.below(200) / 1_000)


@pytest.mark.parametrize("seed", [*range(20), *range(1000, 1000 + MORE_SEEDS)])
def test_a_history_keeps_all_promises(seed):
    world = History(seed).run()
    assert world.ledger.acknowledged
    seen.update(world.ledger.seen)


def test_everything_happened_in_these_histories():
    """Runs after the histories above, in the same process, and prints what was in them."""
    if not seen:
        for seed in (1, 2, 3, 4):
            seen.update(History(seed).run().ledger.seen)
    print(dict(seen))
    wanted = {*KINDS, "power lost", "killed", "reads", "snapshots made", "snapshots installed", "acknowledged"}
    assert not {name for name in wanted if not seen[name]}


def test_the_same_seed_is_the_same_history():
    def trace(seed: int) -> tuple[object, ...]:
        world = History(seed).run()
        return world.loop.now, world.ledger.applied, world.network.seen, world.ledger.seen

    assert trace(5) == trace(5)
