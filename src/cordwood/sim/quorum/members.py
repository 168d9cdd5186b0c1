"""A node of a quorum on its machine, through all its lives.

Lives here: how the driver of a node is found, alive or on its disk. Must not live here: what is thought of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.raft import Role
from cordwood.sim.quorum.survivors import survivor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.driver import Driver
    from cordwood.env.dice import Dice
    from cordwood.node.node import Node
    from cordwood.raft import NodeId
    from cordwood.sim.machine import Machine
    from cordwood.sim.quorum.sight import Log, Sight


class Member:
    """`driver_of` finds the driver in a node, once it has one; `path` is the directory of the group."""

    def __init__(
        self, node: NodeId, machine: Machine, driver_of: Callable[[Node], Driver | None], path: str, dice: Dice
    ) -> None:
        """`dice` say what of a disk is found when one is looked at."""
        self.id = node
        self.machine = machine
        self._driver_of = driver_of
        self._path = path
        self._dice = dice
        self._config: GroupConfig | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name of its machine."""
        return self.machine.name

    @property
    def driver(self) -> Driver | None:
        """None while nothing runs."""
        node = self.machine.node
        driver = None if node is None else self._driver_of(node)
        if driver is not None:
            self._config = driver.config
        return driver

    def survivor(self) -> tuple[Sight, Log] | None:
        """What would be found if the power failed now; None where it never ran. Raises Broken."""
        if self._config is None:
            return None
        return survivor(self.id, self.machine.disk, self._path, self._config, self._dice)


def leader_of(members: Iterable[Member]) -> Member | None:
    """Who leads the latest term that anybody leads."""
    found: Member | None = None
    latest = 0
    for member in members:
        driver = member.driver
        if driver is None:
            continue
        status = driver.status()
        if status.role is Role.LEADER and status.term > latest:
            found, latest = member, status.term
    return found
