"""The controller through a stop at every file operation of its proposals.

What was answered is there after a restart, and the image is the last one that was shown or the one that was under way.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import TypeVar

import pytest

from cordwood.controller import Controller
from cordwood.env.dice import SeededDice
from cordwood.metadata import (
    EMPTY,
    Image,
    Resource,
    ResourceKind,
    Result,
    brokers,
    configs,
    producers,
    replay_all,
    topics,
)
from cordwood.model.errors import InvalidRequest, StorageFailed
from cordwood.model.ids import BrokerId
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.stops import Stop, stops

T = TypeVar("T")

PATH = "/sim/__cluster_metadata-0"
NAMES = ("orders", "payments", "audit")


def open_controller(disk: SimDisk, flusher: SimFlusher, seed: int = 1) -> Controller:
    """Opens or founds the cluster."""
    return Controller.open(PATH, disk=disk, clock=flusher.clock, dice=SeededDice(seed), flusher=flusher)


class Life:
    """A controller whose decisions are noted."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.disk = SimDisk(SeededDice(seed))
        self.flusher = SimFlusher()
        self.shown = EMPTY
        """The last image that anybody saw."""
        self.next: Image | None = None
        """The one that a proposal under way leads to."""

    async def run(self, steps: int) -> None:
        """So many proposals, with a restart now and then."""
        self.open()
        await self.propose(lambda image: brokers.register(image, REGISTRATION))
        for _ in range(steps):
            if self.dice.below(6) == 0:
                self.controller.close()
                self.open()
            await self.propose(self.decision())
        self.controller.close()

    async def run_as_it_goes(self, steps: int) -> None:
        """The same on a disk that fails once, until the end or until the journal takes no more."""
        for step in range(-1, steps):
            try:
                if not hasattr(self, "controller"):
                    self.open()
                if step < 0:
                    await self.propose(lambda image: brokers.register(image, REGISTRATION))
                else:
                    await self.propose(self.decision())
            except InvalidRequest:
                assert not self.controller.image.brokers, (
                    "the registration was refused, so the broker gets no producer ids"
                )
            except StorageFailed:
                if hasattr(self, "controller") and self.controller.failure is not None:
                    return
                self.next = None

    def open(self) -> None:
        """Opens it; the first time it founds the cluster."""
        self.controller = open_controller(self.disk, self.flusher)
        self.shown = self.controller.image

    def decision(self) -> Callable[[Image], Result[object]]:
        """Something to decide, which may have no effect."""
        name = NAMES[self.dice.below(len(NAMES))]
        resource = Resource(ResourceKind.TOPIC, name)
        value = str(1 + self.dice.below(1000))
        change = configs.Change("retention.ms", configs.Operation.SET, value)
        partitions = 1 + self.dice.below(4)
        decisions: tuple[Callable[[Image], Result[object]], ...] = (
            lambda image: topics.create(
                image,
                [topics.NewTopic(name, partitions), topics.NewTopic(f"{name}.more")],
                new_id=lambda: topics.new_topic_id(self.dice.token),
                defaults=topics.TopicDefaults(),
            ),
            lambda image: topics.delete(image, [topics.Doomed(name), topics.Doomed(f"{name}.more")]),
            lambda image: topics.create_partitions(image, [topics.MorePartitions(name, partitions + 1, None)]),
            lambda image: configs.incremental_alter(image, [configs.Alteration(resource, (change,))]),
            lambda image: producers.allocate(image, BrokerId(0)),
        )
        return decisions[self.dice.below(len(decisions))]

    async def propose(self, decide: Callable[[Image], Result[T]]) -> None:
        """Carries out a decision, with the flusher taking its turns."""

        def noted(image: Image) -> Result[T]:
            result = decide(image)
            self.next = replay_all(image, result.records)
            return result

        proposal = asyncio.ensure_future(self.controller.propose(noted))
        while not proposal.done():
            await asyncio.sleep(0)
            self.flusher.turn()
        await proposal
        self.shown, self.next = self.controller.image, None


REGISTRATION = brokers.Registration(id=BrokerId(0), incarnation=bytes(16), endpoints=(), rack=None, clean=True)


class Examiner:
    """Opens the controller at every stop."""

    def __init__(self, life: Life, seed: int) -> None:
        self.life = life
        self.dice = SeededDice(seed + 1000)
        self.count = 0

    def examine(self, stop: Stop) -> None:
        """Looks, and now and then stops the opening, too."""
        if self.dice.below(4) == 0:
            with stops(fork := stop.disk.fork(), self.dice, self.look):
                open_controller(fork, SimFlusher(), seed=2).close()
        self.look(stop)

    def look(self, stop: Stop) -> None:
        """The image is one of two, and it stays when the power fails now."""
        self.count += 1
        controller = open_controller(stop.disk, SimFlusher(), seed=3)
        image = controller.image
        if self.life.shown.cluster_id:
            assert image in (self.life.shown, self.life.next)
        else:
            assert image.cluster_id, "nobody knows the cluster yet: it may be founded once more"
        again = open_controller(stop.disk.crash(self.dice), SimFlusher(), seed=4)
        assert again.image == image


@pytest.mark.parametrize("seed", range(3))
def test_what_was_answered_is_there(seed):
    life = Life(seed)
    examiner = Examiner(life, seed)
    with stops(life.disk, examiner.dice, examiner.examine):
        asyncio.run(life.run(12))
    assert examiner.count > 100


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("seed", range(2))
def test_what_was_refused_is_not_there(seed, number):
    """Each operation fails in turn: a full disk changes nothing, a broken one leaves the last proposal open."""
    at, has_failed = 0, True
    while has_failed:
        life = Life(seed)
        fault = Fault(None, number, skip=at)
        life.disk.faults.fail(fault)
        asyncio.run(life.run_as_it_goes(8))
        examiner = Examiner(life, seed + at)
        for power_failed in (False, True):
            disk = life.disk.fork().crash(examiner.dice) if power_failed else life.disk.fork()
            examiner.examine(Stop(None, power_failed, disk))
        has_failed = not fault.times
        at += 1
    assert at > 20
