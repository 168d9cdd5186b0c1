"""The start of a node whose raft log is long: opening, and applying all of it.

Lives here: making such a log once, and timing its start in a fresh process. Must not live here: what is printed.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Final

import uvloop

from bench.consensus.group import PAYLOAD, Counter
from cordwood.consensus.config import GroupConfig
from cordwood.consensus.driver import Driver
from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.transport import MemoryNetwork
from cordwood.env.background import Threads
from cordwood.env.dice import SeededDice
from cordwood.env.disk import LocalDisk
from cordwood.raft import RaftConfig

TOGETHER: Final = 1_000
STARTS: Final = 3


def _config() -> GroupConfig:
    """No snapshot is made, so that every entry is in the log."""
    return GroupConfig(RaftConfig(1), snapshot_every_bytes=1 << 40, snapshot_every_entries=1 << 40)


async def _run(folder: str, proposals: int) -> tuple[int, float]:
    """Starts the node and proposes so much; how many entries it has applied then, and how long opening it took."""
    loop, background = asyncio.get_running_loop(), Threads(2)
    machine, network = Counter(), MemoryNetwork(loop.call_later, SeededDice(1))
    leads = asyncio.Event()
    began = time.perf_counter()
    storage = open_storage(folder, _config(), disk=LocalDisk(), background=background)
    opened = time.perf_counter() - began
    transport = network.join(1, lambda _: None)
    driver = Driver(
        _config(),
        storage,
        machine,
        loop=loop,
        background=background,
        transport=transport,
        dice=SeededDice(2),
        on_leader=lambda leader: leads.set() if leader == 1 else None,
    )
    driver.start()
    await leads.wait()
    await driver.propose(PAYLOAD)
    for _ in range(0, proposals, TOGETHER):
        await asyncio.gather(*(driver.propose(PAYLOAD) for _ in range(TOGETHER)))
    driver.close()
    background.close()
    return machine.count, opened


def fill(folder: str, entries: int) -> None:
    """A log of so many entries."""
    found_group(LocalDisk(), folder, [1])
    uvloop.run(_run(folder, entries))


def start(folder: str) -> dict[str, float]:
    """The median of some starts, each in a fresh process: until opened, and until everything is applied."""
    found = []
    for _ in range(STARTS):
        said = subprocess.run([sys.executable, "-m", __name__, folder], capture_output=True, text=True, check=True)
        found.append(json.loads(said.stdout))
    found.sort(key=lambda one: float(one["applied_s"]))
    return dict(found[STARTS // 2])


def main() -> None:
    """One start, in this process."""
    began = time.perf_counter()
    count, opened = uvloop.run(_run(sys.argv[1], 0))
    print(json.dumps({"entries": count, "opened_s": opened, "applied_s": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
