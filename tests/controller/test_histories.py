"""Seeded histories of three controllers: deaths, power failures, partitions, messages that are lost or come twice,
snapshots and handovers, in an order drawn by lot, while decisions are proposed and images read on every node.

Each decision adds its name to those of all before it. A failure names the seed: `History(seed).run()` plays it again.
CORDWOOD_SIM_SEEDS=100 adds as many.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import pytest

from cordwood.controller.members import member_of
from cordwood.env.dice import SeededDice
from cordwood.metadata import Result
from cordwood.metadata.records import ConfigRecord
from cordwood.model.consensus_errors import NoQuorum, NotTaken, OutcomeUnknown
from tests.controller.cluster import Cluster

MORE_SEEDS = int(os.environ.get("CORDWOOD_SIM_SEEDS", "0"))
"""For long runs: as many more histories."""

EVENTS = 120
UNKNOWN = (NoQuorum, OutcomeUnknown, NotTaken)

KINDS = {
    "propose": 40,
    "read": 12,
    "kill": 2,
    "lose_power": 3,
    "restart": 8,
    "part": 3,
    "heal": 4,
    "storm": 3,
    "double": 3,
    "calm": 4,
    "transfer": 2,
    "wait": 12,
}

seen: Counter[str] = Counter()


def noted(image):
    """The names in an image."""
    return [name for name in image.config_of((4, "")).get("names", "").split(",") if name]


class History:
    """One seed: the same seed is the same history."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.cluster = Cluster(3, seed, snapshot_every_entries=8 + seed % 20, keep_entries=3)
        self.deck = [kind for kind, weight in KINDS.items() for _ in range(weight)]
        self.asked = 0
        self.told: set[str] = set()

    def run(self) -> None:
        with self.cluster:
            self.cluster.start()
            self.cluster.run(self.play())

    async def play(self) -> None:
        """All of it, and the peace afterwards, in which all have the same image, with everything in it that was told."""
        for _ in range(EVENTS):
            kind = self.deck[self.dice.below(len(self.deck))]
            seen[kind] += 1
            getattr(self, kind)()
            await self.cluster.passed(self.dice.below(200) / 1_000)
        self.heal()
        self.calm()
        self.cluster.start()
        leader = await self.cluster.leader()
        await leader.propose(self.note_down("the last one"))
        self.look(await self.cluster.agreed(), {*self.told, "the last one"})
        for seat in self.cluster.up():
            seen["snapshots"] += seat.controller.driver.metrics().snapshots_installed

    def look(self, image, told) -> None:
        """Nothing that was told is missing, and nothing took effect twice."""
        names = noted(image)
        assert told <= set(names)
        assert len(names) == len(set(names))

    def note_down(self, name):
        """A decision that adds a name to those that are there: it must know every one before it."""
        return lambda image: Result((ConfigRecord(4, "", "names", ",".join([*noted(image), name])),), name)

    def pick(self):
        up = self.cluster.up()
        return up[self.dice.below(len(up))] if up else None

    # What may happen.

    def propose(self) -> None:
        seat = self.pick()
        if seat is None:
            return
        self.asked += 1
        seat.propose(self.note_down(f"decision {self.asked}"), timeout_s=3.0).add_done_callback(self.note)

    def note(self, done: asyncio.Task[str]) -> None:
        error = done.exception()
        if error is None:
            self.told.add(done.result())
            seen["told"] += 1
        else:
            assert isinstance(error, UNKNOWN), repr(error)
            seen[type(error).__name__] += 1

    def read(self) -> None:
        seat, told = self.pick(), set(self.told)
        if seat is None:
            return

        async def look() -> None:
            try:
                image = await seat.controller.read(3.0)
            except NoQuorum:
                return
            self.look(image, told)
            assert seat.controller.image.revision >= image.revision
            seen["reads"] += 1

        seat.do(look()).add_done_callback(asyncio.Task.result)

    def kill(self, *, power: bool = False) -> None:
        if (seat := self.pick()) is not None:
            seat.kill(power=power)

    def lose_power(self) -> None:
        self.kill(power=True)

    def restart(self) -> None:
        self.cluster.start()

    def part(self) -> None:
        self.cluster.network.part({member_of(node): self.dice.below(2) for node in self.cluster.seats})

    def heal(self) -> None:
        self.cluster.network.part({})

    def storm(self) -> None:
        weather = self.cluster.network.weather
        weather.loss_ppm, weather.delay_max_us = self.dice.below(300_000), self.dice.below(200_000) + 2_000

    def double(self) -> None:
        self.cluster.copies = lambda message: 1 + self.dice.below(2)

    def calm(self) -> None:
        self.cluster.copies = lambda message: 1
        weather = self.cluster.network.weather
        weather.loss_ppm, weather.delay_max_us = 0, 2_000

    def transfer(self) -> None:
        seat, other = self.pick(), self.pick()
        if seat is not None and other is not None and seat.controller.leader == seat.id:
            seat.controller.driver.transfer_leadership(member_of(other.id))

    def wait(self) -> None:
        """Time passes."""


@pytest.mark.parametrize("seed", range(12 + MORE_SEEDS))
def test_what_was_told_took_effect_once(seed):
    History(seed).run()


def test_much_happened():
    """The counters are those of the histories above, when they ran in this process."""
    for seed in range(3) if not seen["told"] else ():
        History(seed).run()
    missing = [name for name in (*KINDS, "told", "reads", "NoQuorum") if not seen[name]]
    assert not missing, seen
