"""A few nodes of a group on simulated disks, with a network between them and a clock that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from cordwood.consensus.config import GroupConfig
from cordwood.consensus.driver import Driver
from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.transport import MemoryNetwork, Transport
from cordwood.env.dice import SeededDice
from cordwood.raft import Message, RaftConfig
from cordwood.raftlog.config import RaftLogConfig
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed
from cordwood.sim.scheduled import ScheduledBackground
from tests.consensus.ledger import Journal, Ledger
from tests.consensus.virtual import Life, VirtualLoop

PATH: Final = "/sim/group"
SYNC_US: Final = 3_000


def config_of(node: int, **values: Any) -> GroupConfig:
    """Small bounds, so that much happens in little time. A tick has ten milliseconds."""
    usual: dict[str, Any] = {
        "raft": RaftConfig(node, max_size_per_message=2_000, max_inflight_messages=8),
        "log": RaftLogConfig(chunk_max_records=16, cache_max_items=8, unwritten_max_bytes=1 << 20),
        "tick_ms": 10,
        "request_ticks": 100,
        "snapshot_every_entries": 25,
        "keep_entries": 5,
        "chunk_bytes": 100,
        "chunk_resend_ticks": 5,
        "chunk_patience_ticks": 60,
    }
    return GroupConfig(**usual | values)


class Member:
    """A node through all its lives; `driver` is None while it is down."""

    def __init__(self, world: World, node: int, **values: Any) -> None:
        self.world = world
        self.id = node
        self.config = config_of(node, **values)
        self.disk = SimDisk(SeededDice(world.seed * 100 + node))
        self.driver: Driver | None = None
        self.journal = Journal(world.ledger)
        self._is_turn_due = False

    def start(self) -> None:
        """Starts from what is on the disk."""
        world = self.world
        self.life = Life(world.loop)
        self._is_turn_due = False
        self.background = ScheduledBackground(self.life, world.dice)
        self.journal = Journal(world.ledger)
        try:
            storage = open_storage(PATH, self.config, disk=self.disk, background=self.background, clock=SimClock())
            self.driver = Driver(
                self.config,
                storage,
                self.journal,
                loop=self.life,
                background=self.background,
                transport=self._join(),
                dice=world.dice,
            )
        except Crashed:
            self.end(power=True)
            return
        world.ledger.starts(self.id, self.driver.term)
        self.driver.start()

    def _join(self) -> Transport:
        wire = self.world.network.join(self.id, lambda message: self.driver.receive(message))
        return _Overheard(wire, self.world.ledger)

    def end(self, *, power: bool) -> None:
        """The process dies, or the power fails."""
        self.life.is_over = True
        self.world.network.leave(self.id)
        self.driver = None
        self.disk = self.disk.crash(self.world.dice) if power else self.disk.kill()
        self.world.ledger.seen["power lost" if power else "killed"] += 1

    def turn_if_due(self) -> None:
        """The flush worker of this node gets its turns, each some time after it has work."""
        if self.driver and self.driver.storage.log.flusher.has_work and not self._is_turn_due:
            self._is_turn_due = True
            self.life.call_later(self.world.dice.below(SYNC_US) / 1_000_000, self._turn)

    def _turn(self) -> None:
        self._is_turn_due = False
        self.driver.storage.log.flusher.turn()


class _Overheard:
    """A way to the others on which the ledger listens."""

    def __init__(self, wire: Transport, ledger: Ledger) -> None:
        self._wire = wire
        self._ledger = ledger

    def send(self, to: int, message: Message) -> bool:
        self._ledger.told(message)
        return self._wire.send(to, message)


class World:
    """Nodes 1 to `size`; the first `founders` of them are the first members."""

    def __init__(self, size: int = 3, seed: int = 1, founders: int | None = None, **values: Any) -> None:
        self.seed = seed
        self.dice = SeededDice(seed)
        self.loop = VirtualLoop()
        self.ledger = Ledger()
        self.network = MemoryNetwork(self.loop.call_later, self.dice)
        self.network.weather.delay_min_us, self.network.weather.delay_max_us = 100, 2_000
        self.members = {node: Member(self, node, **values) for node in range(1, size + 1)}
        self.loop.after_each = self._after_each
        self._proposed = 0
        first = range(1, (founders or size) + 1)
        for member in self.members.values():
            if member.id in first:
                found_group(member.disk, PATH, first)
            member.start()

    def _after_each(self) -> None:
        for member in self.members.values():
            member.turn_if_due()
            driver = member.driver
            if driver is None:
                continue
            assert driver.failure is None, f"{member.id} failed"
            if driver.leader == member.id:
                self.ledger.leads(member.id, driver.term)

    def step(self) -> None:
        """Makes the next call; a node whose disk lost its power in it goes down."""
        try:
            self.loop.step()
        except Crashed:
            for member in self.members.values():
                if member.disk.faults.has_crashed:
                    member.end(power=True)

    def run_until(self, holds: Callable[[], object], seconds: float = 20.0) -> None:
        """Lets time pass until something holds."""
        end = self.loop.now + seconds
        while not holds():
            assert self.loop.now < end, f"it did not come to hold within {seconds} s: {self.describe()}"
            self.step()

    def run(self, seconds: float) -> None:
        """Lets so much time pass."""
        is_over: list[bool] = []
        self.loop.call_later(seconds, is_over.append, True)
        while not is_over:
            self.step()

    def describe(self) -> str:
        """Everybody, for the message of a failure."""
        return "; ".join(f"{one.id}: {one.driver and one.driver.metrics()}" for one in self.members.values())

    def drivers(self) -> list[Driver]:
        """Who is up."""
        return [member.driver for member in self.members.values() if member.driver]

    def leader(self) -> Driver | None:
        """The leader that most follow."""
        for driver in self.drivers():
            followers = [other for other in self.drivers() if other.leader == driver.id and other.term == driver.term]
            if driver.leader == driver.id and len(followers) * 2 > len(driver.configuration.voters):
                return driver
        return None

    def elected(self) -> Driver:
        """Waits for a leader."""
        self.run_until(lambda: self.leader() is not None)
        leader = self.leader()
        assert leader
        return leader

    def follower(self) -> Driver:
        """Any that does not lead."""
        leader = self.elected()
        return next(driver for driver in self.drivers() if driver.id != leader.id)

    def propose(self, driver: Driver) -> asyncio.Future[Any]:
        """Something new; the ledger is told if it is acknowledged."""
        self._proposed += 1
        data = b"command %d" % self._proposed
        future = driver.propose(data)

        def told(done: asyncio.Future[Any]) -> None:
            if done.exception() is None:
                self.ledger.acknowledges(done.result(), data)

        future.add_done_callback(told)
        return future

    def read(self, driver: Driver) -> asyncio.Future[int]:
        """A read that must see everything that was acknowledged before it was asked for."""
        floor = self.ledger.newest
        machine = self.members[driver.id].journal

        def check(done: asyncio.Future[int]) -> None:
            if not done.exception():
                found = machine.commands[-1][0] if machine.commands else 0
                assert done.result() >= floor <= found, f"a read at {found} is older than {floor}"
                self.ledger.seen["reads"] += 1

        future = driver.read_index()
        future.add_done_callback(check)
        return future

    def get(self, future: asyncio.Future[Any]) -> Any:
        """Waits for an answer."""
        self.run_until(future.done)
        self.run(0)
        return future.result()

    def agree(self) -> None:
        """After the faults all have the same in the end, and nothing that was acknowledged is missing."""
        for member in self.members.values():
            if member.driver is None:
                member.start()

        def settled() -> bool:
            leader = self.leader()
            if leader is None:
                return False
            ends = {self.members[node].driver.metrics().applied for node in leader.configuration.members}
            return ends == {leader.metrics().last}

        self.run_until(settled, 60)
        leader = self.elected()
        journals = [self.members[node].journal.commands for node in leader.configuration.members]
        assert all(journal == journals[0] for journal in journals)
        found = dict(journals[0])
        lost = {index: data for index, data in self.ledger.acknowledged.items() if found.get(index) != data}
        assert not lost, f"acknowledged and lost: {lost}"
