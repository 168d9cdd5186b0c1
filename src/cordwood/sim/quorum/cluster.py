"""A cluster of real nodes, what they are asked, and what is known of them.

      founding ──> nodes start ──> admins and readers work ──> they finish ──> what they were told is judged
                                                                          └──> power failure, and all over again

Lives here: nodes and their settings, clients, agreement. Must not live here: when what goes wrong (`run`, `faults`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.controller.opening import QUORUM_DIRECTORY
from cordwood.metadata import Image, snapshot
from cordwood.node.configuration import NodeConfig, load
from cordwood.node.founding import found_member
from cordwood.node.quorum_settings import QuorumSettings
from cordwood.sim.clients.admin import Admin
from cordwood.sim.clients.connection import Address, BrokerConnection, Unanswered
from cordwood.sim.machine import Machine
from cordwood.sim.process import Process
from cordwood.sim.quorum.field import Field
from cordwood.sim.quorum.history import History
from cordwood.sim.quorum.invariants.images import Images, Shown
from cordwood.sim.quorum.invariants.steadiness import Steadiness
from cordwood.sim.quorum.linearizable import Undecided, contradictions
from cordwood.sim.quorum.members import Member
from cordwood.sim.quorum.overhearing import Overhearing
from cordwood.sim.quorum.reader import QuorumReader
from cordwood.sim.quorum.watcher import Watcher

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.driver import Driver
    from cordwood.controller import Controller
    from cordwood.node.node import Node
    from cordwood.raft import NodeId
    from cordwood.sim.loop import SimLoop
    from cordwood.sim.quorum.run import Plan
    from cordwood.sim.world import SimWorld

PORT: Final = 9092
DATA: Final = "/data"
CLUSTER_ID: Final = "c2ltdWxhdGlvbiBvZiBhIHE"
PATH: Final = f"{DATA}/{QUORUM_DIRECTORY}"

DRIFT_PPM: Final = 50_000
"""So different are clocks and timers: five in a hundred, far more than real ones."""

SETTINGS: Final = {
    "controller.quorum.fetch.max.bytes": "1024",
    "controller.quorum.fetch.snapshot.max.bytes": "1024",
    "metadata.log.max.record.bytes.between.snapshots": "600",
    "offsets.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
}

KEPT_ENTRIES: Final = 2
SEGMENT_BYTES: Final = 4_000

SHORTEST_MS: Final = 100
PACES: Final = 8
"""Clients think for so long at most, doubled up to so many times: in some runs the quorum works, in others it mostly waits."""

START_SECONDS: Final = 20.0
FINISH_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.1


class SmallQuorum(QuorumSettings, frozen=True):
    """Bounds below what the settings allow, so that a short run sees each of them reached often."""

    def group_config(self, raft_id: NodeId) -> GroupConfig:
        usual = super().group_config(raft_id)
        return replace(
            usual,
            raft=replace(usual.raft, max_size_per_message=1, max_inflight_messages=2),
            log=replace(usual.log, chunk_max_bytes=SEGMENT_BYTES),
            keep_entries=KEPT_ENTRIES,
        )


class QuorumCluster:
    """`Cluster` of `run`: nodes n1, n2 ..., all of them first members."""

    def __init__(self, world: SimWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self.members = {number: self._member(number) for number in range(1, plan.nodes + 1)}
        self._hosts = [f"admin-{number}" for number in range(1, plan.admins + 1)]
        for host in [*self._hosts, "auditor"]:
            world.network.add_host(host)
        self.field = Field(world, self.members, self._hosts)
        self.history = History()
        self._topics = [f"topic-{number}" for number in range(1, plan.topics + 1)]
        self._admins = [self._admin(number, host) for number, host in enumerate(self._hosts, 1)]
        self._tasks: list[asyncio.Task[None]] = []
        self.images: Images
        self._watcher = self._new_watcher()
        self._reader = QuorumReader(self.members, self._watcher.reads, world)

    # The nodes.

    def _member(self, number: int) -> Member:
        machine = Machine(self._world, f"n{number}", self._config(number), DRIFT_PPM)
        dice = self._world.dice(f"survivors of n{number}")
        return Member(number, machine, _driver_of, PATH, dice)

    def _config(self, number: int) -> NodeConfig:
        name = f"n{number}"
        voters = ",".join(f"{one}@n{one}:{PORT}" for one in range(1, self._plan.nodes + 1))
        flags = {"log.dirs": DATA, "listeners": f"{name}:{PORT}", "node.id": str(number)}
        settings = {"cluster.id": CLUSTER_ID, "controller.quorum.voters": voters, **SETTINGS}
        settings |= dict(self._plan.settings)
        config = load(flags=flags, sets=[f"{setting}={value}" for setting, value in settings.items()])
        return msgspec.structs.replace(config, quorum=SmallQuorum(**msgspec.structs.asdict(config.quorum)))

    def _new_watcher(self) -> Watcher:
        world, members = self._world, self.members
        watcher = Watcher(members, {member.name: node for node, member in members.items()}, world.trace.note)
        watcher.add(self.field.moments)
        watcher.add(
            Steadiness(
                lambda one, other, us: self.field.troubles.calm(members[one].name, members[other].name, us),
                lambda: world.loop.now_us,
            )
        )
        return watcher

    def _after_step(self, process: Process) -> None:
        """Looks at the node whose step it was. Raises Broken."""
        self._watcher.after_step(process)
        member = next((one for one in self.members.values() if one.name == process.host), None)
        if member is None or member.driver is None or member.driver.is_due:
            return
        controller = _controller_of(member.machine.node)
        if controller is not None:
            self.images.look(member.id, Shown(controller.committed, controller.image))

    # The run.

    @property
    def failures(self) -> list[str]:
        """What went wrong with nodes and clients so far."""
        nodes = [f"{one.name}: {error!r}" for one in self.members.values() for error in one.machine.failures]
        drivers = [
            f"{one.name} cannot go on: {one.driver.failure!r}"
            for one in self.members.values()
            if one.driver is not None and one.driver.failure is not None
        ]
        return [*nodes, *drivers, *(text for admin in self._admins for text in admin.unexpected)]

    async def begin(self) -> None:
        """Founds the cluster, starts its nodes, waits until they serve, and starts the clients."""
        for member in self.members.values():
            found_member(member.machine.config, member.machine.disk, self._world.dice("founding"))
        self.images = Images(_founded(self.members[1]))
        self._watcher.add(self.images)
        network = self._world.network
        network.overhear = Overhearing(self._watcher.tell)
        self._world.loop.after_step = self._after_step
        for member in self.members.values():
            member.machine.start()
        for _ in range(int(START_SECONDS / LOOK_SECONDS)):
            if not self.disagreement():
                break
            await asyncio.sleep(LOOK_SECONDS)
        else:
            raise TimeoutError(f"{START_SECONDS} s after the start {self.disagreement()}")
        loop = self._world.loop
        for admin in self._admins:
            self._tasks.append(admin.process.call(partial(_start, admin, loop)))
        self._tasks.append(loop.create_task(self._reader.run()))

    def disagreement(self) -> str:
        """Why it cannot be said that all serve, and have applied and show what the leader has; empty if it can."""
        leader = self.field.leader()
        if leader is None or leader.driver is None:
            return "there is no leader"
        last = leader.driver.status().last
        for member in self.members.values():
            driver = member.driver
            if driver is None or not member.machine.is_serving:
                return f"{member} does not serve"
            if driver.leader != leader.id:
                return f"{member} follows {driver.leader}, and {leader} leads"
            if driver.status().applied != last:
                return f"{member} has applied {driver.status().applied}, and the log of {leader} ends at {last}"
            controller = _controller_of(member.machine.node)
            if controller is None or controller.image != self.images.newest:
                return f"{member} does not show the newest image"
        return ""

    async def finish(self) -> list[str]:
        """Clients finish, every node is asked for every topic, and the same once more after a power failure."""
        wrong = await self._end_clients()
        wrong += await self._look("after the faults")
        for member in self.members.values():
            member.machine.cut_power()
        for member in self.members.values():
            member.machine.start()
        for _ in range(int(FINISH_SECONDS / LOOK_SECONDS)):
            if not self.disagreement():
                break
            await asyncio.sleep(LOOK_SECONDS)
        else:
            return [*wrong, f"{FINISH_SECONDS} s after a power failure {self.disagreement()}"]
        wrong += await self._look("after a power failure")
        wrong += self._judge()
        await self._stop()
        return wrong

    async def _end_clients(self) -> list[str]:
        self._reader.finishing = True
        for admin in self._admins:
            admin.finishing = True
        done, late = await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
        failed = [repr(task.exception()) for task in done if task.exception() is not None]
        return [*failed, *(f"{task.get_name()} did not finish within {FINISH_SECONDS} s of peace" for task in late)]

    async def _look(self, when: str) -> list[str]:
        """Every node says of every topic whether it is there, and its value."""
        process = Process("auditor", "auditor")
        auditor = self._admin(0, "auditor", process)
        work = process.call(lambda: self._world.loop.create_task(self._look_at_all(auditor)))
        done, _ = await asyncio.wait([work], timeout=FINISH_SECONDS)
        auditor.close()
        return list(work.result()) if done else [f"{when} not every node could be asked for every topic"]

    async def _look_at_all(self, auditor: Admin) -> list[str]:
        for connection in auditor.connections:
            for topic in self._topics:
                await _look_until_answered(auditor, topic, connection)
        return auditor.unexpected

    def _judge(self) -> list[str]:
        try:
            return list(contradictions(self.history))
        except Undecided as error:
            self._world.trace.note("undecided", why=str(error))
            return []

    async def _stop(self) -> None:
        """In good order: whoever leads hands over."""
        with self.field.troubles.among(self.field.names):
            for member in self.members.values():
                await member.machine.stop()

    # Clients.

    def _admin(self, number: int, host: str, process: Process | None = None) -> Admin:
        process = process or Process(host, host)
        dice = self._world.dice(f"client {host}")
        connections: Sequence[BrokerConnection] = [
            BrokerConnection(process, Address(member.name, PORT), dice, self._world.trace)
            for member in self.members.values()
        ]
        think_ms = SHORTEST_MS << self._world.dice("pace").below(PACES)
        return Admin(number, connections, self._topics, self.history, self._world.loop, think_ms)


def _start(admin: Admin, loop: SimLoop) -> asyncio.Task[None]:
    return loop.create_task(admin.run(), name=admin.process.name)


async def _look_until_answered(auditor: Admin, topic: str, connection: BrokerConnection) -> None:
    while True:
        try:
            await auditor.look(topic, connection)
        except Unanswered as error:
            await connection.back_off(str(error))
        else:
            return


def _controller_of(node: Node | None) -> Controller | None:
    """The controller of a node, once its start has come so far."""
    return getattr(node, "controller", None)


def _driver_of(node: Node) -> Driver | None:
    controller = _controller_of(node)
    return None if controller is None else controller.driver


def _founded(member: Member) -> Image:
    """What the cluster was founded with."""
    files = SnapshotFiles(member.machine.disk, f"{PATH}/snapshots")
    newest = files.newest()
    assert newest is not None, f"{member} was not founded"
    return snapshot.restore(files.parts(newest.position))
