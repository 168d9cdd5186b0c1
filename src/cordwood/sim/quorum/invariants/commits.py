"""The commit index never goes back, and what is committed is durable on a majority, of each set of voters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from cordwood.raft import Position
from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Configuration, Entry, NodeId
    from cordwood.sim.quorum.sight import Log, Sight

EVERY: Final = 20
"""Disks are looked at for one in so many commits: to read them takes long. In a joint configuration, each time."""


class CommitIndex(Invariant):
    """`surviving` gives what would be found on the disk of a node if the power failed now."""

    def __init__(self, surviving: Callable[[NodeId], tuple[Sight, Log] | None]) -> None:
        self._surviving = surviving
        self._count = 0

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        if sight.commit < before.commit:
            raise Broken(f"commit never goes back: {sight.node} went from {before.commit} to {sight.commit}")
        if sight.applied > sight.commit:
            raise Broken(f"only what is committed is applied: {sight.node} applied {sight.applied} of {sight.commit}")

    def commits(self, before: Sight | None, sight: Sight, entries: Sequence[Entry]) -> None:
        # Who only hears of it may know an older configuration than the one that it was committed in.
        self._count += sight.leads
        if before is None or not sight.leads or (self._count % EVERY and not sight.configuration.joint):
            return
        # A change that was among these entries is in force now: what came before it was committed without it.
        configurations = {before.configuration, sight.configuration}
        last = Position(entries[-1].term, entries[-1].index)
        holders = {node for one in configurations for node in one.voters if self._holds(node, last)}
        if not any(_is_quorum(holders, configuration) for configuration in configurations):
            raise Broken(
                f"durable on a quorum: entry {last.index} of term {last.term} is committed with {sight.configuration}, "
                f"and only {sorted(holders)} would have it after a power failure"
            )

    def _holds(self, node: NodeId, entry: Position) -> bool:
        found = self._surviving(node)
        return found is not None and found[0].has(found[1], entry)


def _is_quorum(nodes: set[NodeId], configuration: Configuration) -> bool:
    sets = (configuration.incoming, configuration.outgoing)
    return all(2 * len(nodes & voters) > len(voters) for voters in sets if voters)
