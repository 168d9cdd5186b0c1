"""Equal committed prefixes: what one node knows to be committed at a place is what every other has there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.sight import EVERYTHING

if TYPE_CHECKING:
    from cordwood.raft import Entry, Index, NodeId, Term
    from cordwood.sim.quorum.sight import Log, Sight


class CommittedLog:
    """The committed log as whoever was first knew it; others are compared with it."""

    def __init__(self) -> None:
        self.entries: dict[Index, Entry] = {}
        self.known_in: dict[Index, Term] = {}
        """The term in which somebody first knew that it is committed: it was so in that term at the latest."""
        self.base: Index = 0
        """What the group was founded with reaches up to here."""
        self.top: Index = 0
        """Up to here it is known."""
        self._compared: dict[NodeId, Index] = {}

    def founded(self, index: Index) -> None:
        """The group was founded with a state as of this place."""
        self.base = self.top = index

    def begins(self, sight: Sight) -> None:
        """Everything on the disk of a node that starts is compared again."""
        self._compared[sight.node] = sight.before.index

    def learn(self, sight: Sight, log: Log) -> Sequence[Entry]:
        """Compares what a node knows to be committed; returns what nobody knew before. Raises Broken."""
        start = max(self._compared.get(sight.node, 0) + 1, sight.first)
        end = min(sight.commit, sight.last.index) + 1
        if end <= start:
            return ()
        self._compared[sight.node] = end - 1
        new = []
        for entry in log.entries(start, end, EVERYTHING):
            if entry.index > self.top:
                if entry.index != self.top + 1:
                    raise Broken(f"equal prefixes: {sight.node} has {entry.index} committed, known is {self.top}")
                self.entries[entry.index] = entry
                self.known_in[entry.index] = sight.term
                self.top = entry.index
                new.append(entry)
            elif entry.index > self.base and self.entries[entry.index] != entry:
                raise Broken(
                    f"equal prefixes: at {entry.index} {sight.node} has {entry} committed, and "
                    f"{self.entries[entry.index]} was"
                )
        return new
