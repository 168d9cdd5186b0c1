"""What would be found on the disk of a node if the power failed now.

Lives here: a fork of the disk that loses its power, and opening it. Must not live here: opinions on what is found.

The code that opens it is the node's own: what it cannot read, the node has lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.consensus.opening import open_storage
from cordwood.model.errors import CorruptLog
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.sight import sight_of_disk

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.consensus.storage import GroupStorage
    from cordwood.env.dice import Dice
    from cordwood.raft import NodeId
    from cordwood.sim.disk import SimDisk
    from cordwood.sim.quorum.sight import Sight


def survivor(node: NodeId, disk: SimDisk, path: str, config: GroupConfig, dice: Dice) -> tuple[Sight, GroupStorage]:
    """The node as its disk would have it begin. Raises Broken where it could not."""
    fork = disk.fork().crash(dice)
    try:
        storage = open_storage(path, config, disk=fork, background=SimBackground(), clock=SimClock())
    except CorruptLog as error:
        raise Broken(f"a disk can be opened after a power failure: that of {node} cannot: {error}") from error
    return sight_of_disk(node, storage), storage
