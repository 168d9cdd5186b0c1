"""What holds at every moment: the base of all invariants.

Lives here: what an invariant is told. Must not live here: invariants (`invariants`, a file each).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cordwood.raft import Entry, Message, NodeId
    from cordwood.sim.quorum.sight import Log, LogChange, Sight


class Broken(AssertionError):
    """An invariant does not hold: which, and how that is seen."""


class Invariant:
    """Told of everything, in this order within an event; each raises Broken. What it does not care for it leaves out."""

    def begins(self, sight: Sight, log: Log) -> None:
        """A node started, with what it found on its disk."""

    def ends(self, node: NodeId) -> None:
        """A node stopped, in whichever way."""

    def changes(self, before: Sight, sight: Sight, log: Log) -> None:
        """Something of a node is otherwise than it was."""

    def rewrites(self, before: Sight | None, sight: Sight, change: LogChange) -> None:
        """The log of a node is otherwise than it was; without `before`, it is the first that is seen of it."""

    def commits(self, before: Sight | None, sight: Sight, entries: Sequence[Entry]) -> None:
        """Entries are known to be committed for the first time, by this node."""

    def tells(self, message: Message, sight: Sight, log: Log) -> None:
        """A message left its sender, which is so after the event."""

    def survives(self, sight: Sight, log: Log) -> None:
        """This is what the disk of a node would hold if the power failed now."""
