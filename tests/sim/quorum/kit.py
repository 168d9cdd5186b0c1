"""Sights and logs as a test wants them, and groups of bare drivers in the simulated world."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from cordwood.consensus.applying import Command
from cordwood.consensus.config import GroupConfig
from cordwood.consensus.driver import Driver
from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.transport import MemoryNetwork
from cordwood.raft import Configuration, Entry, Message, Position, RaftConfig
from cordwood.raftlog.config import RaftLogConfig
from cordwood.sim.disk import SimDisk
from cordwood.sim.loop_clock import LoopClock
from cordwood.sim.process import Process
from cordwood.sim.quorum.sight import LogChange, Sight
from cordwood.sim.quorum.survivors import survivor
from cordwood.sim.quorum.watcher import Watcher
from cordwood.sim.scheduled import ScheduledBackground, ScheduledFlushWorker
from cordwood.sim.world import SimWorld

PATH = "/group"


class PlainLog:
    """A log that is a list of terms, from entry 1 on; the data of an entry is what a test says, or its place."""

    def __init__(self, terms: Sequence[int], data: dict[int, bytes] | None = None) -> None:
        self.terms = list(terms)
        self.data = data or {}

    def term(self, index: int) -> int:
        return 0 if index == 0 else self.terms[index - 1]

    def entries(self, start: int, end: int, max_size: int = 0) -> list[Entry]:
        return [Entry(index, self.term(index), data=self.data.get(index, b"%d" % index)) for index in range(start, end)]


def see(node: int = 1, log: Sequence[int] = (1,), *, commit: int = 0, **values: Any) -> tuple[Sight, PlainLog]:
    """A node with these terms in its log, committed up to `commit`."""
    plain = PlainLog(log, values.pop("data", None))
    last = Position(plain.term(len(log)), len(log))
    usual: dict[str, Any] = {
        "term": last.term,
        "vote": 0,
        "leads": False,
        "applied": commit,
        "before": Position(0, 0),
        "snapshot": Position(0, 0),
        "configuration": Configuration(frozenset({1, 2, 3})),
    }
    return Sight(node=node, commit=commit, last=last, **usual | values), plain


def grown(log: PlainLog, kept: int = 0, old_last: int | None = None) -> LogChange:
    """The change that brought the log to what it is, of which so much was there."""
    return LogChange(
        kept,
        kept if old_last is None else old_last,
        log.entries(kept + 1, len(log.terms) + 1),
        log.term(kept),
    )


class Journal:
    """A state machine: a digest of all commands in their order."""

    def __init__(self) -> None:
        self.state = b""

    def apply(self, commands: Sequence[Command]) -> list[Any]:
        for _, data in commands:
            self.state = sha256(self.state + data).digest()
        return [index for index, _ in commands]

    def snapshot(self) -> list[bytes]:
        return [self.state]

    def restore(self, parts: Any) -> None:
        self.state = b"".join(parts)


class Member:
    """A bare driver through its lives."""

    def __init__(self, group: Group, node: int) -> None:
        self.group = group
        self.id = node
        self.name = f"n{node}"
        self.disk = SimDisk(group.world.dice(f"disk {node}"))
        self.driver: Driver | None = None
        self.process: Process | None = None
        self.journal = Journal()
        self.config = GroupConfig(
            raft=RaftConfig(node, max_size_per_message=2_000),
            log=RaftLogConfig(chunk_max_records=16, cache_max_items=8),
            tick_ms=50,
            snapshot_every_entries=30,
            keep_entries=5,
            chunk_bytes=40,
        )

    def start(self) -> None:
        self.process = Process(self.name, self.name)
        self.journal = Journal()
        self.process.call(self._begin)

    def _begin(self) -> None:
        world = self.group.world
        loop, dice = world.loop, world.dice(f"{self.name} at {world.loop.now_us}")
        background = ScheduledBackground(loop, dice)
        storage = open_storage(
            PATH,
            self.config,
            disk=self.disk,
            background=background,
            clock=LoopClock(loop),
            new_flusher=partial(ScheduledFlushWorker, loop=loop, dice=dice),
        )
        self.driver = driver = Driver(
            self.config, storage, self.journal, loop=loop, background=background, transport=self, dice=dice
        )
        process = self.process
        assert process is not None
        self.wire = self.group.network.join(
            self.id, lambda message: loop.call_soon(driver.receive, message, context=process.context)
        )
        driver.start()

    def send(self, to: int, message: Message) -> bool:
        self.group.watcher.tell(message)
        return self.wire.send(to, message)

    def end(self, *, power: bool) -> None:
        process, self.driver = self.process, None
        assert process is not None
        process.alive = False
        self.process = None
        self.group.network.leave(self.id)
        self.disk = self.disk.crash() if power else self.disk.kill()

    def survivor(self) -> Any:
        return survivor(self.id, self.disk, PATH, self.config, self.group.world.dice("survivors"))


class Group:
    """Members 1 to `size`, watched."""

    def __init__(self, world: SimWorld, size: int = 3) -> None:
        self.world = world
        loop = world.loop
        self.network = MemoryNetwork(
            lambda seconds, call: loop.after_us(int(seconds * 1_000_000), call), world.dice("group network")
        )
        self.network.weather.delay_min_us, self.network.weather.delay_max_us = 100, 2_000
        self.members = {node: Member(self, node) for node in range(1, size + 1)}
        hosts = {member.name: member.id for member in self.members.values()}
        self.watcher = Watcher(self.members, hosts, world.trace.note)
        loop.after_step = self.watcher.after_step
        for member in self.members.values():
            found_group(member.disk, PATH, self.members)

    def start(self) -> None:
        for member in self.members.values():
            if member.process is None:
                member.start()

    def pass_time(self, seconds: float) -> None:
        """Raises what the watcher finds."""
        reached = self.world.loop.create_future()
        self.world.loop.after_us(int(seconds * 1_000_000), reached.set_result, None)
        self.world.loop.run_until_complete(reached)

    def leader(self) -> Member | None:
        """The one of the latest term."""
        leaders = [one for one in self.members.values() if one.driver and one.driver.leader == one.id]
        return max(leaders, key=lambda one: one.driver.term if one.driver else 0, default=None)
