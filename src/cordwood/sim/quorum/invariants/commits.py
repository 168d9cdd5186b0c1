"""The commit index never goes back, and what is committed is durable on a majority, of each set of voters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from cordwood.raft import EntryKind, Position
from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Configuration, Entry, NodeId
    from cordwood.sim.quorum.sight import Log, Sight

EVERY: Final = 20
"""Disks are looked at for one in so many commits: to read them takes long. For changes and in
joint configurations, each time."""


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
        if before is None or not sight.leads:
            return
        change = next((entry for entry in entries if entry.kind is EntryKind.CONF_CHANGE), None)
        if change is None and self._count % EVERY and not sight.configuration.joint:
            return
        # A change is committed by those who decided before it, even if it is in force now.
        entry = change or entries[-1]
        deciding = {before.configuration} if change else {before.configuration, sight.configuration}
        place = Position(entry.term, entry.index)
        holders = {node for one in deciding for node in one.voters if self._holds(node, place)}
        if not any(_is_quorum(holders, configuration) for configuration in deciding):
            raise Broken(
                f"durable on a quorum: entry {place.index} of term {place.term} is committed with "
                f"{' or '.join(map(str, deciding))}, and only {sorted(holders)} would have it after a power failure"
            )

    def _holds(self, node: NodeId, entry: Position) -> bool:
        found = self._surviving(node)
        return found is not None and found[0].has(found[1], entry)


def _is_quorum(nodes: set[NodeId], configuration: Configuration) -> bool:
    sets = (configuration.incoming, configuration.outgoing)
    return all(2 * len(nodes & voters) > len(voters) for voters in sets if voters)
