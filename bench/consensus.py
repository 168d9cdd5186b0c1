"""A raft group in one process: how long a proposal takes and how many there are a second, beside the disk's own fdatasync.

    .venv/bin/python -m bench.consensus [--seconds 2] [--directory DIR] > consensus.json

One node, and three nodes of which a leader takes the proposals; each node has a raft log of its own on the same disk, and
messages go through the memory network (encoded, checked and decoded, but no socket). Each caller proposes 100 bytes, waits
until this node has applied them, and proposes again. Before and after each figure the disk is probed: appends of 4 KiB with
an fdatasync each; `times` is proposals a second by that. JSON on stdout, words on stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import uvloop

from bench.machine import describe
from bench.probe import fdatasyncs_per_s
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
SIZES: Final = (1, 3)
CALLERS: Final = (1, 64)
PROBE_SECONDS: Final = 0.3


def say(words: str) -> None:
    """For people."""
    print(words, file=sys.stderr, flush=True)


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


async def measure(folder: str, size: int, callers: int, seconds: float) -> dict[str, float]:
    """Proposals a second, their latency in microseconds, and the leader's syncs a second."""
    group = Group(folder, size)
    took_us: list[float] = []

    async def call(end: float) -> None:
        while (began := time.perf_counter()) < end:
            await group.leader.propose(PAYLOAD)
            took_us.append((time.perf_counter() - began) * 1e6)

    try:
        await group.elected.wait()
        await group.leader.propose(PAYLOAD)
        syncs, began = group.leader.metrics().fsyncs, time.perf_counter()
        await asyncio.gather(*(call(began + seconds) for _ in range(callers)))
        took = time.perf_counter() - began
        syncs = group.leader.metrics().fsyncs - syncs
    finally:
        group.close()
    cuts = quantiles(took_us, n=100)
    return {
        "proposals_per_s": len(took_us) / took,
        "syncs_per_s": syncs / took,
        "p50_us": cuts[49],
        "p99_us": cuts[98],
    }


def figures(directory: str, size: int, callers: int, seconds: float) -> dict[str, float]:
    """One row, with the probe before and after it."""
    folder = tempfile.mkdtemp(prefix="cordwood-consensus-", dir=directory)
    try:
        before = fdatasyncs_per_s(Path(folder), PROBE_SECONDS)
        gc.collect()
        found = uvloop.run(measure(folder, size, callers, seconds))
        probe = (before + fdatasyncs_per_s(Path(folder), PROBE_SECONDS)) / 2
    finally:
        shutil.rmtree(folder)
    row = {"nodes": float(size), "callers": float(callers), "probe": probe, **found}
    row["times"] = found["proposals_per_s"] / probe
    say("  ".join(f"{name} {figure:,.1f}" for name, figure in row.items()))
    return row


def main() -> None:
    """Measures all of it and prints it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each row")
    parser.add_argument("--directory", default=tempfile.gettempdir(), help="which disk it is measured on")
    chosen = parser.parse_args()
    results: dict[str, Any] = {"machine": describe(Path(chosen.directory), [])}
    results["consensus"] = [
        figures(chosen.directory, size, callers, chosen.seconds) for size in SIZES for callers in CALLERS
    ]
    installed = shutil.which("etcd") is not None
    say(
        "etcd is installed, but this bench does not drive it yet"
        if installed
        else "etcd is not installed: no comparison"
    )
    print(json.dumps(results))


if __name__ == "__main__":
    main()
