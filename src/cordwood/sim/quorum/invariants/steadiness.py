"""A leader that reaches a quorum, and was not disturbed lately, is left alone: nobody opens a term against it.

Without pre-votes, or where members that hear of a leader answer them (the lease), a node that has lost the leader alone
would depose it again and again, for as long as it is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Configuration, NodeId
    from cordwood.sim.quorum.sight import Log, Sight

CALM_US: Final = 6_000_000
"""A connection that was lost is there again after so long."""

SETTLED_US: Final = 2_000_000
"""Who leads for so long is known to all that it reaches, and whoever campaigned has given up."""


class Steadiness(Invariant):
    """`calm` says whether two nodes and the way between them had no trouble for so long."""

    def __init__(self, calm: Callable[[NodeId, NodeId, int], bool], now_us: Callable[[], int]) -> None:
        self._calm = calm
        self._now_us = now_us
        self._leading: dict[NodeId, tuple[int, Sight]] = {}

    def ends(self, node: NodeId) -> None:
        self._leading.pop(node, None)

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        if sight.leads:
            since, first = self._leading.get(sight.node, (0, sight))
            is_new = first.term != sight.term or sight.node not in self._leading
            self._leading[sight.node] = (self._now_us() if is_new else since), sight
        else:
            self._leading.pop(sight.node, None)
        if sight.term > before.term and sight.vote == sight.node:
            for leader in self._steady():
                raise Broken(
                    f"a steady leader is left alone: {sight.node} opens term {sight.term} against {leader.node}, "
                    f"which leads term {leader.term} and reaches a quorum"
                )

    def _steady(self) -> Iterator[Sight]:
        """Who has led for some time, and has a calm quorum."""
        for since, leader in self._leading.values():
            if since + SETTLED_US <= self._now_us() and self._has_calm_quorum(leader.node, leader.configuration):
                yield leader

    def _has_calm_quorum(self, leader: NodeId, configuration: Configuration) -> bool:
        calm = {node for node in configuration.voters if self._calm(leader, node, CALM_US)}
        sets = (configuration.incoming, configuration.outgoing)
        return all(2 * len(calm & voters) > len(voters) for voters in sets if voters)
