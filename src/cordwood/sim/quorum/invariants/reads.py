"""Reads are linearizable: none is older than what was committed before it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Broken

if TYPE_CHECKING:
    from cordwood.raft import Index, NodeId
    from cordwood.sim.quorum.invariants.prefixes import CommittedLog


class FreshReads:
    """Whoever reads asks `floor` before, and tells what it got."""

    def __init__(self, committed: CommittedLog) -> None:
        self._committed = committed

    def floor(self) -> Index:
        """The oldest that a read may see which is asked for now."""
        return self._committed.top

    def answered(self, node: NodeId, floor: Index, index: Index, applied: Index) -> None:
        """A read was answered: as of `index`, on a node that had applied so much. Raises Broken."""
        if index < floor:
            raise Broken(f"fresh reads: {node} reads as of {index}, and {floor} was committed when it was asked")
        if applied < index:
            raise Broken(f"fresh reads: {node} may read as of {index} and has applied {applied}")
