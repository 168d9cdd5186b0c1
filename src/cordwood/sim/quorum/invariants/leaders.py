"""One leader a term."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import NodeId, Term
    from cordwood.sim.quorum.sight import Log, Sight


class OneLeader(Invariant):
    """Remembers who led each term."""

    def __init__(self) -> None:
        self.leaders: dict[Term, NodeId] = {}

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        if sight.leads:
            first = self.leaders.setdefault(sight.term, sight.node)
            if first != sight.node:
                raise Broken(f"one leader a term: {first} and {sight.node} lead term {sight.term}")
