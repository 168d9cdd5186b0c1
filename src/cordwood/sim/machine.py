"""A machine of the simulation: a disk, a clock, and a real node on it that dies in every way and is started again.

      start ──> a process with a Node ──> stop      in good order
                                     ├──> kill      the process dies: its disk keeps what was written
                                     └──> cut_power the disk keeps what was synced, and of the rest what the dice leave

Either death may come between two steps of the loop, or before any operation on the disk and in the middle of a write
(`die_at_operation`).

Lives here: one machine's lives. Must not live here: when they end (`nemesis`).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.node.node import Node, World
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed, Step
from cordwood.sim.loop_clock import LoopClock
from cordwood.sim.loss import lost_bytes
from cordwood.sim.process import Process
from cordwood.sim.scheduled import ScheduledBackground, ScheduledFlusher, ScheduledFlushWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.node.configuration import NodeConfig
    from cordwood.sim.world import SimWorld

DRIFT_PPM: Final = 500
"""A clock and the timers that go by it are at most so many millionths too fast or too slow."""

COMPACTION_MS: Final = 2_000
"""A log is compacted at least so often, if one is due."""


class _Fuse(NamedTuple):
    operations: int
    power: bool


class Machine:
    """A host of the network and what runs on it."""

    def __init__(
        self,
        world: SimWorld,
        name: str,
        config: NodeConfig,
        drift_ppm: int = DRIFT_PPM,
        new_node: Callable[[NodeConfig, World], Node] = Node,
    ) -> None:
        """Its clock is at most `drift_ppm` millionths too fast or too slow, as the dice fall."""
        self._new_node = new_node
        self._world = world
        self._dice = world.dice(f"machine {name}")
        self.name = name
        self.config = config
        self.disk = SimDisk(world.dice(f"disk of {name}"))
        self._drift_ppm = self._dice.below(2 * drift_ppm + 1) - drift_ppm
        self.clock = LoopClock(world.loop, self._drift_ppm)
        self.process: Process | None = None
        """None while nothing runs."""
        self.node: Node | None = None
        self.failures: list[BaseException] = []
        """Why a node did not start or stop as it should."""
        self._lives = 0
        self._fuse: _Fuse | None = None
        self._over: asyncio.Future[None] | None = None
        world.network.add_host(name)

    @property
    def is_up(self) -> bool:
        """Whether a node runs or starts here."""
        return self.process is not None

    @property
    def is_serving(self) -> bool:
        """Whether clients are served."""
        return self.node is not None and self.node.ready

    # Lives.

    def start(self) -> None:
        """Begins a new life; the node serves some time later."""
        assert self.process is None, f"{self.name} runs"
        self._lives += 1
        self.process = Process(self.name, f"{self.name}.{self._lives}", self._drift_ppm)
        self.disk.faults.watch = self._watch
        self._world.network.power_on(self.name)
        self._note("start")
        self.process.call(self._begin)

    def _begin(self) -> None:
        loop = self._world.loop
        dice = self._world.dice(f"{self.name}, life {self._lives}")
        node = self.node = self._new_node(
            self.config,
            World(
                disk=self.disk,
                clock=self.clock,
                dice=dice,
                new_background=lambda _: ScheduledBackground(loop, dice),
                new_flusher=partial(ScheduledFlusher, loop=loop, dice=dice),
                new_flush_worker=partial(ScheduledFlushWorker, loop=loop, dice=dice),
            ),
        )
        loop.create_task(node.start()).add_done_callback(self._started)
        loop.call_later(self._dice.below(COMPACTION_MS) / 1000, self._compact, node)

    def _compact(self, node: Node) -> None:
        """What the thread of the compaction does when it wakes up."""
        if node.ready and node.cleaning.step():
            self._note("compaction")
        self._world.loop.call_later(self._dice.below(COMPACTION_MS) / 1000, self._compact, node)

    def _started(self, task: asyncio.Task[None]) -> None:
        error = task.exception()
        if error is None:
            self._note("serves")
        elif not isinstance(error, Crashed):
            self.failures.append(error)

    async def stop(self) -> None:
        """Ends this life in good order; returns when it is over, also if another death overtook this one."""
        process, node = self.process, self.node
        assert process is not None, f"{self.name} does not run"
        assert node is not None, f"{self.name} does not run"
        self._note("stop")
        self._over = over = self._world.loop.create_future()

        def stopped(task: asyncio.Task[None]) -> None:
            error = task.exception()
            if isinstance(error, Crashed):
                return
            if error is not None:
                self.failures.append(error)
            self._world.network.process_died(self._end())
            self.disk = self.disk.kill()

        process.call(lambda: self._world.loop.create_task(node.stop()).add_done_callback(stopped))
        await over

    def kill(self) -> None:
        """The process dies, here and now."""
        self._note("kill")
        self._world.network.process_died(self._end())
        self.disk = self.disk.kill()

    def cut_power(self) -> None:
        """The machine stops, here and now, and is silent."""
        before = self.disk.fork()
        self._world.network.power_failed(self.name, [self._end()])
        self.disk = self.disk.crash(self._dice)
        lost = lost_bytes(before, self.disk)
        self._world.network.counts["lost bytes"] += lost
        self._note("power off", lost_bytes=lost)

    def die_at_operation(self, number: int, *, power: bool) -> None:
        """Dies before the disk operation that comes so many from now, or in the middle of it."""
        self._fuse = _Fuse(number, power)

    def _watch(self, step: Step) -> None:
        self._note("disk", operation=step.operation.value, path=step.path, halfway=step.in_the_middle)
        if self._fuse is None:
            return
        if self._fuse.operations > 0:
            self._fuse = self._fuse._replace(operations=self._fuse.operations - 1)
            return
        if self._fuse.power:
            self.cut_power()
        else:
            self.kill()
        raise Crashed(str(step))

    def _end(self) -> Process:
        process = self.process
        assert process is not None, f"{self.name} does not run"
        process.alive = False
        self.process = self.node = self._fuse = None
        if self._over is not None and not self._over.done():
            self._over.set_result(None)
        return process

    # Troubles.

    def pause(self, milliseconds: int) -> None:
        """Nothing of the process runs for so long."""
        assert self.process is not None, f"{self.name} does not run"
        self._note("pause", ms=milliseconds)
        self.process.paused_until_us = self._world.loop.now_us + 1000 * milliseconds

    def defuse(self) -> None:
        """Takes back a death that was to come."""
        self._fuse = None

    def resume(self) -> None:
        """Ends a pause, and takes back a death that was to come."""
        self.defuse()
        if self.process is not None:
            self.process.paused_until_us = 0

    def _note(self, what: str, **particulars: object) -> None:
        self._world.trace.note(what, machine=self.name, **particulars)
