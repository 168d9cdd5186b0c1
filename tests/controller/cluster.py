"""Controllers on simulated disks, with a network in memory between them, in virtual time.

Lives here: nodes and their lives, and waiting. Must not live here: tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from cordwood.consensus.config import GroupConfig
from cordwood.consensus.transport import MemoryNetwork
from cordwood.controller import Controller
from cordwood.controller.members import member_of
from cordwood.controller.opening import Founding, first_image, found, open_quorum
from cordwood.env.dice import SeededDice
from cordwood.metadata import Image, Result, brokers, topics
from cordwood.raft import Message, NodeId, RaftConfig
from cordwood.sim.disk import SimDisk
from cordwood.sim.loop import Bounds, new_loop
from cordwood.sim.loop_clock import LoopClock
from cordwood.sim.process import Process
from cordwood.sim.scheduled import ScheduledBackground, ScheduledFlushWorker
from tests.metadata.cluster_of import ids, registration

T = TypeVar("T")

PATH: Final = "/data/__cluster_metadata"
TIMEOUT_S: Final = 10.0


def config_of(node: int, **values: Any) -> GroupConfig:
    """How the group is set up on a node."""
    return GroupConfig(RaftConfig(member_of(node), election_ticks=5), tick_ms=100, **values)


class Way:
    """To the peers, through the network; messages may be looked at, and doubled."""

    def __init__(self, cluster: Cluster, node: int, receive: Callable[[Any], None]) -> None:
        self._cluster = cluster
        self._wire = cluster.network.join(member_of(node), receive)

    def send(self, to: NodeId, message: Message) -> bool:
        copies = self._cluster.copies(message)
        return [self._wire.send(to, message) for _ in range(copies)].count(True) > 0


class Seat:
    """A node through all its lives."""

    def __init__(self, cluster: Cluster, node: int, config: GroupConfig) -> None:
        self._cluster = cluster
        self.id = node
        self.config = config
        self.disk = SimDisk(SeededDice(cluster.seed * 100 + node))
        self.process: Process | None = None
        self.lives = 0

    @property
    def controller(self) -> Controller:
        assert self.process is not None, f"{self.id} is down"
        return self._controller

    def start(self) -> None:
        self.lives += 1
        process = self.process = Process(f"n{self.id}", f"n{self.id}.{self.lives}")
        process.call(lambda: self._begin(process))

    def _begin(self, process: Process) -> None:
        cluster, dice = self._cluster, SeededDice(self._cluster.seed * 1000 + self.id * 10 + self.lives)
        loop = cluster.loop
        background = ScheduledBackground(loop, dice)
        storage = open_quorum(
            PATH,
            self.config,
            disk=self.disk,
            background=background,
            clock=LoopClock(loop),
            new_flusher=partial(ScheduledFlushWorker, loop=loop, dice=dice),
        )
        way = Way(cluster, self.id, lambda message: process.call(lambda: self.controller.driver.receive(message)))
        self._controller = Controller(
            self.config,
            storage,
            disk=self.disk,
            loop=loop,
            background=background,
            dice=dice,
            transport=way,
            timeout_s=TIMEOUT_S,
        )
        self._controller.start()

    def do(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Starts work of this node's process: it ends with it."""
        assert self.process is not None, f"{self.id} is down"
        return self.process.call(lambda: self._cluster.loop.create_task(work))

    def propose(self, decide: Callable[[Image], Result[T]], timeout_s: float | None = None) -> asyncio.Task[T]:
        return self.do(self.controller.propose(decide, timeout_s))

    def kill(self, *, power: bool = False) -> None:
        """The process dies, or its power fails."""
        assert self.process is not None, f"{self.id} is down"
        self._cluster.network.leave(member_of(self.id))
        self.process.alive = False
        self.process = None
        self.disk = self.disk.crash(self._cluster.dice) if power else self.disk.kill()

    def close(self) -> None:
        """Stops in good order."""
        controller = self.controller
        assert self.process is not None
        self.process.call(controller.close)
        self._cluster.network.leave(member_of(self.id))
        self.process = None
        self.disk = self.disk.kill()


class Cluster:
    """Nodes 1 to `size`, the first members of one cluster. Entered for as long as it is used."""

    def __init__(self, size: int = 1, seed: int = 1, first: int = 1, **values: Any) -> None:
        self.seed = seed
        self.dice = SeededDice(seed)
        self.loop = new_loop(SeededDice(seed + 1), Bounds(steps=2_000_000))
        self.network = MemoryNetwork(self._later, self.dice)
        self.network.weather.delay_min_us, self.network.weather.delay_max_us = 100, 2_000
        self.copies: Callable[[Message], int] = lambda message: 1
        nodes = frozenset(range(first, first + size))
        self.seats = {node: Seat(self, node, config_of(node, **values)) for node in sorted(nodes)}
        for seat in self.seats.values():
            found(seat.disk, PATH, Founding(nodes, first_image("a cluster")))

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.loop.after_us(round(seconds * 1_000_000), call)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.loop.close()
        if error is None:
            assert not self.loop.unhandled, self.loop.unhandled

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a test to its end."""
        return self.loop.run_until_complete(work)

    # While it runs.

    def passed(self, seconds: float) -> asyncio.Future[None]:
        """Waits until so much virtual time has passed."""
        future = self.loop.create_future()
        self.loop.call_later(seconds, future.set_result, None)
        return future

    def start(self) -> None:
        for seat in self.up(is_up=False):
            seat.start()

    def up(self, *, is_up: bool = True) -> list[Seat]:
        return [seat for seat in self.seats.values() if (seat.process is not None) == is_up]

    async def until(self, holds: Callable[[], object], seconds: float = 30.0) -> None:
        """Lets virtual time pass until something holds."""
        end = self.loop.time() + seconds
        while not holds():
            assert self.loop.time() < end, f"it did not come to hold within {seconds} s"
            await self.passed(0.001)

    async def leader(self) -> Seat:
        """Waits until most follow one who is up."""

        def found() -> Seat | None:
            up = self.up()
            for seat in up:
                if sum(other.controller.leader == seat.id for other in up) * 2 > len(self.seats):
                    return seat
            return None

        await self.until(found)
        seat = found()
        assert seat is not None
        return seat

    async def follower(self) -> Seat:
        """One that follows."""
        leader = await self.leader()
        return next(seat for seat in self.up() if seat is not leader)

    async def agreed(self) -> Image:
        """Waits until all who are up show the same, with everything in it that was told; that image."""
        image = await self.up()[0].do(self.up()[0].controller.read())
        for seat in self.up():
            image = max(image, await seat.do(seat.controller.read()), key=lambda one: one.revision)
        images = [image]

        def agree() -> bool:
            images[:] = [seat.controller.image for seat in self.up()]
            return {one.revision for one in images} == {max(image.revision, images[0].revision)}

        await self.until(agree)
        assert all(one == images[0] for one in images), "of one revision, and not equal"
        return images[0]


def created(*names: str, new_id: Callable[[], Any] | None = None) -> Callable[[Image], Result[Any]]:
    """The decision to create topics of one partition."""
    wanted = [topics.NewTopic(name) for name in names]
    draw = new_id or ids(hash_of(names))
    return lambda image: topics.create(image, wanted, new_id=draw, defaults=topics.TopicDefaults())


def hash_of(names: tuple[str, ...]) -> int:
    """A place to draw topic ids from, another one for other names."""
    return int.from_bytes("/".join(names).encode()[-12:].rjust(12, b"\0"), "big") << 16


def registered(number: int = 1) -> Callable[[Image], Result[int]]:
    """The decision to register a broker."""
    return lambda image: brokers.register(image, registration(number))
