"""Reads on all nodes: each must see what was committed before it was asked for.

Lives here: asking the drivers, one read at a time. Must not live here: whether what they say is right (`invariants.reads`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import Context
from typing import TYPE_CHECKING, Final

from cordwood.model.consensus_errors import GroupStopped, NotTaken

if TYPE_CHECKING:
    from cordwood.raft import NodeId
    from cordwood.sim.quorum.invariants.reads import FreshReads
    from cordwood.sim.quorum.members import Member
    from cordwood.sim.world import SimWorld

THINK_MS: Final = 150
PATIENCE_SECONDS: Final = 3.0


class QuorumReader:
    """Reads until it is told to finish."""

    def __init__(self, members: Mapping[NodeId, Member], reads: FreshReads, world: SimWorld) -> None:
        self._members = list(members.values())
        self._reads = reads
        self._world = world
        self._dice = world.dice("quorum reader")
        self.finishing = False

    async def run(self) -> None:
        """Returns soon after `finishing` was set. Raises Broken."""
        while not self.finishing:
            await self._read(self._members[self._dice.below(len(self._members))])
            await asyncio.sleep(self._dice.below(THINK_MS) / 1000)

    async def _read(self, member: Member) -> None:
        driver, process = member.driver, member.machine.process
        if driver is None or process is None:
            return
        floor = self._reads.floor()
        try:
            asked = process.call(driver.read_index)
        except (NotTaken, GroupStopped):
            return
        asked.add_done_callback(_look, context=Context())  # It may be answered when nobody waits any more.
        await asyncio.wait([asked], timeout=PATIENCE_SECONDS)
        if not asked.done() or asked.exception() is not None:
            return
        self._world.trace.note("reads", node=member.id, index=asked.result())
        self._reads.answered(member.id, floor, asked.result(), driver.metrics().applied)


def _look(done: asyncio.Future[int]) -> None:
    if not done.cancelled():
        done.exception()
