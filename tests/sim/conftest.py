"""A loop and a network of two hosts, and processes on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from cordwood.env.dice import SeededDice
from cordwood.sim.loop import Bounds, new_loop
from cordwood.sim.network import Conditions, Network
from cordwood.sim.process import Process


class Rig:
    """Two hosts, "a" and "b", with a process on each."""

    def __init__(self, seed: int = 1, conditions: Conditions | None = None, bounds: Bounds | None = None) -> None:
        self.loop = new_loop(SeededDice(seed), bounds)
        self.events: list[tuple[str, dict[str, object]]] = []
        conditions = conditions or Conditions(loss_per_mille=0)
        self.network = Network(self.loop, SeededDice(seed + 1), conditions, self._observe)
        for name in ("a", "b", "c"):
            self.network.add_host(name)
        self.a, self.b, self.c = Process("a", "client"), Process("b", "server"), Process("c", "other")

    def _observe(self, what: str, **particulars: object) -> None:
        self.events.append((what, particulars))

    def run(self, process: Process, work: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Runs a coroutine as a part of a process, to its end."""
        return process.call(lambda: self.loop.run_until_complete(work(*args)))

    def start(self, process: Process, work: Callable[..., Any], *args: Any) -> Any:
        """Begins a coroutine as a part of a process."""
        return process.call(lambda: self.loop.create_task(work(*args)))

    def kill(self, process: Process) -> None:
        process.alive = False
        self.network.process_died(process)

    def pass_time(self, seconds: float) -> None:
        """Lets virtual time pass."""
        reached = self.loop.create_future()
        self.loop.after_us(int(seconds * 1_000_000), reached.set_result, None)
        self.loop.run_until_complete(reached)


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.loop.close()
