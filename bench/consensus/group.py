"""Groups in one process: nodes of a raft group on one event loop, and callers beside the leader.

Each node has a raft log of its own on the same disk, and messages go through the memory network: encoded, checked and
decoded, but no socket. Lives here: such a group, and how callers are timed. Must not live here: what is printed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import quantiles
from typing import Final

from cordwood.consensus.applying import Command
from cordwood.consensus.config import GroupConfig
from cordwood.consensus.driver import Driver
from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.transport import MemoryNetwork
from cordwood.consensus.wire import GroupMessage
from cordwood.env.background import Threads
from cordwood.env.dice import SeededDice
from cordwood.env.disk import LocalDisk
from cordwood.raft import RaftConfig

PAYLOAD: Final = bytes(100)


class Counter:
    """A state machine that costs nothing."""

    def __init__(self) -> None:
        self.count = 0

    def apply(self, commands: Sequence[Command]) -> list[int]:
        start = self.count
        self.count += len(commands)
        return list(range(start, self.count))

    def snapshot(self) -> list[bytes]:
        return [self.count.to_bytes(8, "big")]

    def restore(self, parts: Iterable[bytes]) -> None:
        self.count = int.from_bytes(b"".join(parts), "big")


class Group:
    """Nodes in this process."""

    def __init__(self, folder: str, size: int) -> None:
        loop, disk, dice = asyncio.get_running_loop(), LocalDisk(), SeededDice(1)
        self.background = Threads(size)
        self.drivers: list[Driver] = []
        self.elected = asyncio.Event()

        def later(delay: float, call: Callable[[], None]) -> object:
            return loop.call_later(delay, call) if delay else loop.call_soon(call)

        def receiver(node: int) -> Callable[[GroupMessage], None]:
            def receive(message: GroupMessage) -> None:
                self.drivers[node - 1].receive(message)

            return receive

        def told(leader: int) -> None:
            if leader == 1:
                self.elected.set()

        network = MemoryNetwork(later, dice, queue_limit=4096)
        for node in range(1, size + 1):
            path, config = f"{folder}/{node}", GroupConfig(RaftConfig(node))
            found_group(disk, path, range(1, size + 1))
            storage = open_storage(path, config, disk=disk, background=self.background)
            self.drivers.append(
                Driver(
                    config,
                    storage,
                    Counter(),
                    loop=loop,
                    background=self.background,
                    transport=network.join(node, receiver(node)),
                    dice=dice,
                    on_leader=told,
                )
            )
        for driver in self.drivers:
            driver.start()
        self.leader = self.drivers[0]
        self.leader.campaign()

    def close(self) -> None:
        """Ends all nodes."""
        for driver in self.drivers:
            driver.close()
        self.background.close()


async def in_process(folder: str, size: int, callers: int, seconds: float) -> dict[str, float]:
    """A group of so many nodes in this process."""
    group = Group(folder, size)
    try:
        await group.elected.wait()
        return await timed(group.leader, callers, seconds)
    finally:
        group.close()


async def timed(leader: Driver, callers: int, seconds: float) -> dict[str, float]:
    """Proposals a second, their latency in microseconds until the leader has applied them, and its syncs a second."""
    took_us: list[float] = []

    async def call(end: float) -> None:
        while (began := time.perf_counter()) < end:
            await leader.propose(PAYLOAD)
            took_us.append((time.perf_counter() - began) * 1e6)

    await leader.propose(PAYLOAD)
    syncs, began = leader.metrics().fsyncs, time.perf_counter()
    await asyncio.gather(*(call(began + seconds) for _ in range(callers)))
    took = time.perf_counter() - began
    cuts = quantiles(took_us, n=100)
    return {
        "per_s": len(took_us) / took,
        "p50_us": cuts[49],
        "p99_us": cuts[98],
        "syncs_per_s": (leader.metrics().fsyncs - syncs) / took,
    }
