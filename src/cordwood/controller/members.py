"""Who is who: the numbers of nodes, and those of the members of the Raft group.

Raft's numbers begin with 1, because 0 is nobody; Kafka's begin with 0. Everybody has the same number in both but for
node 0, which is member 2^31, a number that no node has: so what Raft traces and stores can be read as it stands.

Lives here: the two directions. Must not live here: who is a member.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.ids import BrokerId
from cordwood.raft import NOBODY, NodeId

MEMBER_OF_NODE_0: Final[NodeId] = 1 << 31


def member_of(node_id: int) -> NodeId:
    """The number of a node in Raft."""
    return node_id or MEMBER_OF_NODE_0


def node_of(member: NodeId) -> BrokerId | None:
    """The number of a member as a node; None for nobody."""
    if member == NOBODY:
        return None
    return BrokerId(0 if member == MEMBER_OF_NODE_0 else member)
