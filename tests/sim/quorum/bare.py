"""Bare nodes: drivers on real machines of the simulation, with a network that carries their messages as they are.

They are what a quorum is without brokers: quick, so that many faults fit into a test.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from cordwood.consensus.config import GroupConfig
from cordwood.consensus.driver import Driver
from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.wire import decode, encode
from cordwood.env.dice import Dice
from cordwood.model.consensus_errors import GroupStopped, NotTaken
from cordwood.node.configuration import load
from cordwood.node.node import World
from cordwood.raft import Message, RaftConfig
from cordwood.raftlog.config import RaftLogConfig
from cordwood.sim.machine import Machine
from cordwood.sim.quorum.field import Field
from cordwood.sim.quorum.invariants.steadiness import Steadiness
from cordwood.sim.quorum.members import Member
from cordwood.sim.quorum.run import Plan
from cordwood.sim.quorum.watcher import Watcher
from cordwood.sim.world import SimWorld
from tests.sim.quorum.kit import PATH, Journal

PACES: Final = 7
"""Who works waits for up to 60 ms, doubled up to so many times."""


class Idle:
    """What a machine asks to compact logs: there are none."""

    def step(self) -> bool:
        return False


class BareNode:
    """As much of a node as a machine asks for, around a driver."""

    cleaning = Idle()

    def __init__(self, group: BareGroup, number: int, config: Any, world: World) -> None:
        self.group = group
        self.number = number
        self.world = world
        self.driver: Driver | None = None
        self.ready = False
        self.journal = Journal()

    async def start(self) -> None:
        world, loop = self.world, self.group.world.loop
        config = group_config(self.number)
        background = world.new_background(1)
        storage = open_storage(
            PATH,
            config,
            disk=world.disk,
            background=background,
            clock=world.clock,
            new_flusher=world.new_flush_worker,
        )
        self.driver = Driver(
            config, storage, self.journal, loop=loop, background=background, transport=self, dice=world.dice
        )
        self.driver.start()
        self.ready = True

    def send(self, to: int, message: Message) -> bool:
        """What leaves while the way is open arrives some time later."""
        group = self.group
        group.watcher.tell(message)
        network = group.world.network
        source, target = f"n{self.number}", group.members[to].machine
        if network.reaches(source, target.name):
            frame = encode(message)
            delay = network.delay_us(source, target.name, len(frame))
            group.world.loop.after_us(delay, self._arrive, target, frame)
        return True

    def _arrive(self, target: Machine, frame: bytes) -> None:
        node: Any = target.node
        process = target.process
        if not self.group.world.network.reaches(f"n{self.number}", target.name):
            return
        if node is not None and node.driver is not None and process is not None:
            take = partial(node.driver.receive, decode(frame, 1 << 20))
            self.group.world.loop.call_soon(take, context=process.context)

    async def stop(self) -> None:
        if self.driver is not None:
            self.driver.close()


def group_config(number: int) -> GroupConfig:
    return GroupConfig(
        raft=RaftConfig(number, max_size_per_message=1, max_inflight_messages=2),
        log=RaftLogConfig(chunk_max_records=16, cache_max_items=8),
        tick_ms=50,
        snapshot_every_entries=30,
        keep_entries=5,
        chunk_bytes=40,
    )


class BareGroup:
    """Members 1 to `size`, watched, with a field for faults."""

    def __init__(self, world: SimWorld, size: int = 3, drift_ppm: int = 50_000) -> None:
        self.world = world
        self.members = {number: self._member(number, drift_ppm) for number in range(1, size + 1)}
        self.watcher = Watcher(
            self.members, {member.name: node for node, member in self.members.items()}, world.trace.note
        )
        self.field = Field(world, self.members, ())
        names = {node: member.name for node, member in self.members.items()}
        self.watcher.add(self.field.moments)
        self.watcher.add(
            Steadiness(
                lambda one, other, us: self.field.troubles.calm(names[one], names[other], us),
                lambda: world.loop.now_us,
            )
        )
        world.loop.after_step = self.watcher.after_step
        self.acknowledged: dict[int, bytes] = {}
        self.failures: list[str] = []
        self._proposed = 0
        self._works = False
        for member in self.members.values():
            found_group(member.machine.disk, PATH, self.members)
            member.machine.start()

    @classmethod
    def of_plan(cls, world: SimWorld, plan: Plan) -> BareGroup:
        """For `run`."""
        return cls(world, plan.nodes)

    def _member(self, number: int, drift_ppm: int) -> Member:
        name = f"n{number}"
        config = load(flags={"log.dirs": "/data", "listeners": f"{name}:9092", "node.id": str(number)})
        new_node: Any = partial(BareNode, self, number)
        machine = Machine(self.world, name, config, drift_ppm, new_node)
        dice = self.world.dice(f"survivors of {name}")
        return Member(number, machine, lambda node: getattr(node, "driver", None), PATH, dice)

    def pass_time(self, seconds: float) -> None:
        """Raises what the watcher finds."""
        reached = self.world.loop.create_future()
        self.world.loop.after_us(int(seconds * 1_000_000), reached.set_result, None)
        self.world.loop.run_until_complete(reached)

    def propose(self, member: Member) -> None:
        """Something new, through any member; what is acknowledged is noted."""
        driver, process = member.driver, member.machine.process
        if driver is None or process is None:
            return
        self._proposed += 1
        data = b"command %d" % self._proposed

        def told(done: Any) -> None:
            if not done.cancelled() and done.exception() is None:
                self.acknowledged[done.result()] = data

        try:
            process.call(lambda: driver.propose(data)).add_done_callback(told)
        except (NotTaken, GroupStopped):
            return

    # What a run asks for.

    async def begin(self) -> None:
        """Waits for a leader; then somebody works."""
        assert await self.field.moments.leader_after(0, 20.0) is not None
        self._works = True
        dice = self.world.dice("work")
        self._work(dice, 60_000 << dice.below(PACES))

    def _work(self, dice: Dice, pace_us: int) -> None:
        """A few proposals, through any members, and again some time later."""
        members = list(self.members.values())
        for _ in range(1 + dice.below(3)):
            self.propose(members[dice.below(len(members))])
        if self._works:
            self.world.loop.after_us(dice.below(pace_us), self._work, dice, pace_us)

    def disagreement(self) -> str:
        leader = self.field.leader()
        if leader is None or leader.driver is None:
            return "there is no leader"
        for member in self.members.values():
            driver = member.driver
            if driver is None or driver.status().applied < self.watcher.committed.top:
                return f"{member} lags"
        states = {node.journal.state for node in self.nodes()}
        return "" if len(states) == 1 else "states differ"

    def nodes(self) -> list[BareNode]:
        nodes: list[Any] = [member.machine.node for member in self.members.values()]
        return [node for node in nodes if node is not None]

    async def finish(self) -> list[str]:
        self._works = False
        entries = self.watcher.committed.entries
        return [
            f"{data!r} was acknowledged at {index}, and is not there"
            for index, data in self.acknowledged.items()
            if not entries[index].data.endswith(data)
        ]
