"""The controller through a stop at every file operation: of its founding, of a takeover, and of its proposals.

What was answered is there after a restart, and the image is the last one that was shown or the one that was under way.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from cordwood.controller import Controller
from cordwood.controller.opening import QUORUM_DIRECTORY, open_quorum
from cordwood.controller.takeover import JOURNAL_DIRECTORY, found_alone
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
from cordwood.model.errors import CordwoodError, InvalidRequest, StorageFailed
from cordwood.model.ids import BrokerId
from cordwood.model.quorum_errors import BrokerNotRegistered
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.loop import SimLoop, new_loop
from cordwood.sim.loop_clock import LoopClock
from cordwood.sim.scheduled import ScheduledBackground, ScheduledFlushWorker
from cordwood.sim.stops import Stop, stops
from tests.controller.cluster import config_of
from tests.controller.journals import IMAGE, write_journal

DIRECTORY = "/sim"
NAMES = ("orders", "payments", "audit")
CONFIG = config_of(0, snapshot_every_entries=5, keep_entries=2)
"""Snapshots after a few entries, so that there are some."""

REGISTRATION = brokers.Registration(id=BrokerId(0), incarnation=bytes(16), endpoints=(), rack=None, clean=True)


def start(disk: SimDisk, loop: SimLoop, seed: int) -> Controller:
    """What a node that stands alone does: it founds, takes over or opens its quorum."""
    dice, flusher = SeededDice(seed), SimFlusher()
    found_alone(DIRECTORY, 0, None, disk=disk, clock=flusher.clock, dice=dice, flusher=flusher)
    background = ScheduledBackground(loop, dice)
    storage = open_quorum(
        f"{DIRECTORY}/{QUORUM_DIRECTORY}",
        CONFIG,
        disk=disk,
        background=background,
        clock=LoopClock(loop),
        new_flusher=partial(ScheduledFlushWorker, loop=loop, dice=dice),
    )
    controller = Controller(CONFIG, storage, disk=disk, loop=loop, background=background, dice=dice)
    controller.start()
    return controller


def what(image: Image) -> Image:
    """An image without the place in the log that it came from."""
    return replace(image, revision=0)


def found_on(disk: SimDisk, seed: int) -> Image:
    """The image after a restart."""
    loop = new_loop(SeededDice(seed))
    try:

        async def look() -> Image:
            controller = start(disk, loop, seed)
            image = await controller.read()
            controller.close()
            return image

        return what(loop.run_until_complete(look()))
    finally:
        loop.close()


class Life:
    """A controller whose decisions are noted."""

    def __init__(self, seed: int) -> None:
        self.dice = SeededDice(seed)
        self.disk = SimDisk(SeededDice(seed))
        self.disk.make_directory(DIRECTORY)
        self.loop = new_loop(SeededDice(seed))
        self.shown = EMPTY
        """The last image that anybody saw."""
        self.next: Image | None = None
        """The one that a proposal under way leads to."""
        self.controller: Controller | None = None

    def run(self, steps: int) -> None:
        """So many proposals, with a restart now and then."""
        self.loop.run_until_complete(self._run(steps))
        self.loop.close()

    async def _run(self, steps: int) -> None:
        await self.open()
        await self.propose(lambda image: brokers.register(image, REGISTRATION))
        for _ in range(steps):
            if self.dice.below(6) == 0:
                self.opened.close()
                await self.open()
            await self.propose(self.decision())
        self.opened.close()

    def run_as_it_goes(self, steps: int) -> None:
        """The same on a disk that fails once, until the end or until nothing can be written any more."""
        self.loop.run_until_complete(self._run_as_it_goes(steps))
        self.loop.close()

    async def _run_as_it_goes(self, steps: int) -> None:
        for step in range(-1, steps):
            try:
                if self.controller is None:
                    await self.open()
                if step < 0:
                    await self.propose(lambda image: brokers.register(image, REGISTRATION))
                else:
                    await self.propose(self.decision())
            except (InvalidRequest, BrokerNotRegistered):
                assert not self.opened.image.brokers, "it was not registered, so it gets no producer ids"
            except StorageFailed:
                if self.controller is not None and self.controller.failure is not None:
                    return

    @property
    def opened(self) -> Controller:
        assert self.controller is not None
        return self.controller

    async def open(self) -> None:
        """Opens it; the first time it founds the cluster."""
        controller = start(self.disk, self.loop, seed=1)
        try:
            self.shown = what(await controller.read())
        except CordwoodError:
            with pytest.raises(StorageFailed):
                controller.close()
            raise
        self.controller = controller

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

    async def propose(self, decide: Callable[[Image], Result[object]]) -> None:
        """Carries out a decision."""

        def noted(image: Image) -> Result[object]:
            result = decide(image)
            self.next = what(replay_all(image, result.records))
            return result

        await self.opened.propose(noted)
        self.shown, self.next = what(self.opened.image), None


class Moment(NamedTuple):
    """A stop, and which images may be found after it."""

    stop: Stop
    shown: Image
    next: Image | None


def look(moment: Moment, dice: SeededDice) -> None:
    """The image is one of two, and it stays when the power fails now; now and then the opening itself is stopped, too."""
    image = found_on(moment.stop.disk.fork(), seed=3)
    if moment.shown.cluster_id:
        assert image in (moment.shown, moment.next), str(moment.stop)
    else:
        assert image.cluster_id, "nobody knows the cluster yet: it may be founded once more"
    if dice.below(8) == 0:
        inner: list[Stop] = []
        with stops(fork := moment.stop.disk.fork(), dice, inner.append):
            image = found_on(fork, seed=4)
        for stop in inner[:: 1 + len(inner) // 12]:
            assert found_on(stop.disk, seed=5) in (moment.shown, moment.next, image) or not moment.shown.cluster_id


@pytest.mark.parametrize("seed", range(3))
def test_what_was_answered_is_there(seed):
    life, dice = Life(seed), SeededDice(seed + 1000)
    moments: list[Moment] = []
    with stops(life.disk, dice, lambda stop: moments.append(Moment(stop, life.shown, life.next))):
        life.run(12)
    assert len(moments) > 100
    for moment in moments:
        look(moment, dice)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("seed", range(2))
def test_what_was_refused_is_not_there(seed, number):
    """Each operation fails in turn: the last proposal is open, and nothing else is lost."""
    at, has_failed = 0, True
    while has_failed:
        life, dice = Life(seed), SeededDice(seed + at)
        fault = Fault(None, number, skip=at)
        life.disk.faults.fail(fault)
        life.run_as_it_goes(8)
        for power_failed in (False, True):
            disk = life.disk.fork().crash(dice) if power_failed else life.disk.kill().fork()
            look(Moment(Stop(None, power_failed, disk), life.shown, life.next), dice)
        has_failed = not fault.times
        at += 1
    assert at > 20


@pytest.mark.parametrize("seed", range(2))
def test_a_takeover_may_stop_anywhere(seed):
    disk, dice = SimDisk(SeededDice(seed)), SeededDice(seed)
    write_journal(disk, f"{DIRECTORY}/{JOURNAL_DIRECTORY}")
    moments: list[Stop] = []
    with stops(disk, dice, moments.append, power_failures=3):
        assert found_on(disk, seed) == IMAGE
    assert len(moments) > 60
    for stop in moments:
        inner: list[Stop] = []
        with stops(fork := stop.disk.fork(), dice, inner.append):
            assert found_on(fork, seed) == IMAGE, str(stop)
        for again in inner[:: 1 + len(inner) // 4]:
            assert found_on(again.disk, seed) == IMAGE, f"{stop}, and then {again}"
        assert not fork.exists(f"{DIRECTORY}/{JOURNAL_DIRECTORY}")
