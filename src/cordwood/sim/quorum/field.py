"""The field that faults play on: the members, the hosts of their clients, and the ways between all of them.

Lives here: cuts that end each for itself, and who is in trouble. Must not live here: which faults there are (`faults`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from cordwood.sim.quorum.members import leader_of
from cordwood.sim.quorum.moments import Moments
from cordwood.sim.quorum.troubles import Troubles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cordwood.raft import NodeId
    from cordwood.sim.quorum.members import Member
    from cordwood.sim.world import SimWorld

Way: TypeAlias = tuple[str, str]
"""From a host to a host."""


class Field:
    """Everything that can be hurt."""

    def __init__(self, world: SimWorld, members: Mapping[NodeId, Member], hosts: Sequence[str]) -> None:
        """`hosts` are those of the clients."""
        self.world = world
        self.members = members
        self.hosts = hosts
        self.troubles = Troubles(lambda: world.loop.now_us)
        self.moments = Moments()
        self.stage = asyncio.Lock()
        """Held by a fault of several scenes; another one that comes meanwhile does nothing."""
        self._cuts: list[Collection[Way]] = []

    @property
    def names(self) -> list[str]:
        """The hosts of the members."""
        return [member.name for member in self.members.values()]

    def leader(self) -> Member | None:
        """Who leads the latest term that anybody leads."""
        return leader_of(self.members.values())

    def up(self) -> list[Member]:
        """The members that run."""
        return [member for member in self.members.values() if member.machine.is_up]

    async def cut(self, ways: Iterable[Way], milliseconds: int) -> None:
        """Nothing passes these ways for so long, whatever else is cut or healed meanwhile."""
        cut = [way for way in ways if way[0] != way[1]]
        with self.troubles.between(cut):
            self._cuts.append(cut)
            self._carry_over()
            try:
                await asyncio.sleep(milliseconds / 1000)
            finally:
                self._cuts = [one for one in self._cuts if one is not cut]
                self._carry_over()

    def _carry_over(self) -> None:
        network = self.world.network
        network.heal()
        for source, target in {way for cut in self._cuts for way in cut}:
            network.cut([source], [target], both_ways=False)

    async def down(self, member: Member, milliseconds: int) -> None:
        """A member whose machine has stopped is started again after so long."""
        with self.troubles.among([member.name]):
            await asyncio.sleep(milliseconds / 1000)
            if not member.machine.is_up:
                member.machine.start()

    def peace(self) -> None:
        """Everything that can be made good is: machines run, everybody reaches everybody."""
        self.world.trace.note("peace")
        self._cuts.clear()
        self._carry_over()
        for member in self.members.values():
            member.machine.resume()
        self.start_all()

    def start_all(self) -> None:
        """Whoever is down, or has come to the end of a stop, is started."""
        for member in self.members.values():
            if not member.machine.is_up:
                member.machine.start()


def both_ways(sources: Iterable[str], targets: Iterable[str]) -> list[Way]:
    """All ways between two camps."""
    there = list(product(sources, list(targets)))
    return [*there, *((target, source) for source, target in there)]
