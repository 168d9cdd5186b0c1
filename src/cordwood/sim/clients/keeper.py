"""Gives growing numbers to registers of a broker, and asks every now and then what they hold.

      write 0, 1, 2 ... ──> acknowledged ──┐
                look ──> seen ─────────────┴──> notes: the promise `kept` judges

Lives here: one client, one request at a time. Must not live here: what is a register (`registers`), whether the answers are
right (`promises`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cordwood.sim.clients.connection import Refused
from cordwood.sim.promises.notes import Kept

if TYPE_CHECKING:
    from cordwood.sim.clients.connection import BrokerConnection
    from cordwood.sim.clients.registers import Register
    from cordwood.sim.promises.notes import Notes

THINK_MS: Final = 200


@dataclass(slots=True)
class _Known:
    """The last number that a register was asked to hold, and the last one that it said it holds."""

    asked: int = -1
    acknowledged: int = -1


class Keeper:
    """One write at a time, until it is told to finish."""

    def __init__(self, connection: BrokerConnection, registers: Sequence[Register], notes: Notes) -> None:
        self._connection = connection
        self._registers = tuple(registers)
        self._known = {register: _Known() for register in registers}
        self._notes = notes
        self.finishing = False

    async def run(self) -> None:
        """Returns after a last look once `finishing` was set, or when the broker refused something."""
        dice = self._connection.dice
        try:
            while not self.finishing:
                register = self._registers[dice.below(len(self._registers))]
                await self._write(register)
                if not dice.below(3):
                    await self._look(register)
                await asyncio.sleep(dice.below(THINK_MS) / 1000)
            await self.look()
        except Refused as error:
            self._notes.refused.append(f"{self._connection.name}: {error}")
        finally:
            self._connection.abort()

    async def look(self) -> None:
        """Asks what every register holds that was written to, and notes it. Raises Refused."""
        for register, known in self._known.items():
            if known.asked >= 0:
                await self._look(register)

    async def _write(self, register: Register) -> None:
        known = self._known[register]
        known.asked += 1
        await register.write(self._connection, known.asked)
        known.acknowledged = known.asked

    async def _look(self, register: Register) -> None:
        known = self._known[register]
        seen = await register.read(self._connection)
        self._notes.kept.append(Kept(register.name, known.acknowledged, known.asked, seen))
