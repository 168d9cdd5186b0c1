"""Leader completeness: what was committed in earlier terms is in the log of every leader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cordwood.raft import Position
from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Entry, NodeId
    from cordwood.sim.quorum.invariants.prefixes import CommittedLog
    from cordwood.sim.quorum.sight import Log, Sight


class LeaderCompleteness(Invariant):
    """Looks at each leader when it is elected, and again when something turns out to be committed in an earlier term.

    What counts is when an entry was committed, and not the term that it bears: a leader of a later term may be the first to
    commit it, while one of the terms between still thinks that it leads.
    """

    def __init__(self, committed: CommittedLog) -> None:
        self._committed = committed
        self._leaders: dict[NodeId, tuple[Sight, Log]] = {}

    def ends(self, node: NodeId) -> None:
        self._leaders.pop(node, None)

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        if not sight.leads:
            self._leaders.pop(sight.node, None)
            return
        if not before.leads or before.term != sight.term:
            self._check(sight, log, self._committed.entries.values())
        self._leaders[sight.node] = sight, log

    def commits(self, before: Sight | None, sight: Sight, entries: Sequence[Entry]) -> None:
        for leader, log in self._leaders.values():
            self._check(leader, log, entries)

    def _check(self, leader: Sight, log: Log, entries: Iterable[Entry]) -> None:
        for entry in entries:
            is_due = self._committed.known_in[entry.index] < leader.term
            if is_due and not leader.has(log, Position(entry.term, entry.index)):
                raise Broken(
                    f"leader completeness: {leader.node} leads term {leader.term} without {entry}, which is committed"
                )
