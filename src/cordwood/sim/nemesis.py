"""What goes wrong, and when: faults of machines and of the network, as the dice fall, until peace.

Lives here: the choice of faults and their table. Must not live here: how a fault is done (`machine`, `network`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cordwood.sim.machine import Machine
    from cordwood.sim.world import SimWorld

QUIET_MS: Final = 1_200
"""Between two faults."""

DOWN_MS: Final = 800
PAUSE_MS: Final = 3_000
CUT_MS: Final = 6_000
CLOCK_MS: Final = 60_000
OPERATIONS: Final = 40


class Nemesis:
    """Brings faults upon machines and upon the ways between them and their clients."""

    def __init__(self, world: SimWorld, machines: Sequence[Machine], hosts: Sequence[str]) -> None:
        """`hosts` are those of the clients."""
        self._world = world
        self._machines = machines
        self._hosts = hosts
        self._dice = world.dice("nemesis")
        self._faults: tuple[Callable[[Machine], Awaitable[None]], ...] = (
            self._kill,
            self._cut_power,
            self._die_at_operation,
            self._die_at_operation,
            self._restart,
            self._pause,
            self._partition,
            self._isolate,
            self._reset,
            self._set_clock,
        )

    async def run(self, seconds: float) -> None:
        """Faults for so long, one after the other; then `peace`."""
        loop = self._world.loop
        until = loop.time() + seconds
        while loop.time() < until:
            await self._wait(QUIET_MS)
            self._start_all()
            machine = self._machines[self._dice.below(len(self._machines))]
            if machine.is_up:
                await self._faults[self._dice.below(len(self._faults))](machine)
        self.peace()

    def peace(self) -> None:
        """Everything that can be made good is: machines run, everybody reaches everybody."""
        self._world.trace.note("peace")
        self._world.network.heal()
        for machine in self._machines:
            machine.resume()
        self._start_all()

    def _start_all(self) -> None:
        for machine in self._machines:
            if not machine.is_up:
                machine.start()

    async def _wait(self, most_ms: int) -> None:
        await asyncio.sleep(self._dice.below(most_ms) / 1000)

    async def _kill(self, machine: Machine) -> None:
        machine.kill()
        await self._wait(DOWN_MS)

    async def _cut_power(self, machine: Machine) -> None:
        machine.cut_power()
        await self._wait(DOWN_MS)

    async def _die_at_operation(self, machine: Machine) -> None:
        machine.die_at_operation(self._dice.below(OPERATIONS), power=bool(self._dice.below(2)))
        await self._wait(DOWN_MS)

    async def _restart(self, machine: Machine) -> None:
        if machine.is_serving:
            await machine.stop()

    async def _pause(self, machine: Machine) -> None:
        machine.pause(self._dice.below(PAUSE_MS))

    async def _partition(self, machine: Machine) -> None:
        """Some clients and a machine: both ways, or one."""
        some = [host for host in self._hosts if self._dice.below(2)] or [self._hosts[0]]
        sides = [some, [machine.name]]
        if self._dice.below(2):
            sides.reverse()
        both_ways = not self._dice.below(2)
        self._world.trace.note("cut", sources=sides[0], targets=sides[1], both_ways=both_ways)
        self._world.network.cut(*sides, both_ways=both_ways)
        await self._heal_later()

    async def _isolate(self, machine: Machine) -> None:
        self._world.trace.note("isolate", host=machine.name)
        self._world.network.isolate(machine.name)
        await self._heal_later()

    async def _heal_later(self) -> None:
        await self._wait(CUT_MS)
        self._world.trace.note("heal")
        self._world.network.heal()

    async def _reset(self, machine: Machine) -> None:
        self._world.trace.note("reset", host=machine.name)
        self._world.network.reset_all(machine.name)

    async def _set_clock(self, machine: Machine) -> None:
        by = self._dice.below(2 * CLOCK_MS) - CLOCK_MS
        self._world.trace.note("set clock", machine=machine.name, by_ms=by)
        machine.clock.set_by(by)
