"""An acknowledged append is durable: a power failure does not take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.raft import Position
from cordwood.raft.messages import AppendReply
from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.raft import Message, NodeId
    from cordwood.sim.quorum.sight import Log, LogChange, Sight

NOTHING = Position(0, 0)


class AcknowledgedAppends(Invariant):
    """Remembers, for each node, the last entry that it acknowledged and has not been told to cut since."""

    def __init__(self) -> None:
        self._told: dict[NodeId, Position] = {}

    def tells(self, message: Message, sight: Sight, log: Log) -> None:
        # An answer of an earlier term speaks of a log that may be another by now.
        if not isinstance(message, AppendReply) or message.rejected or message.term != sight.term:
            return
        told = self._told.get(sight.node, NOTHING)
        if told.index < message.index <= sight.last.index and message.index >= sight.before.index:
            self._told[sight.node] = Position(log.term(message.index), message.index)

    def rewrites(self, before: Sight | None, sight: Sight, change: LogChange) -> None:
        told = self._told.get(sight.node, NOTHING)
        if before is not None and change.kept < told.index and change.is_cut:
            self._told[sight.node] = NOTHING

    def begins(self, sight: Sight, log: Log) -> None:
        self._compare(sight, log, "starts without it")

    def survives(self, sight: Sight, log: Log) -> None:
        self._compare(sight, log, "would not have it after a power failure")

    def _compare(self, sight: Sight, log: Log, sequel: str) -> None:
        told = self._told.get(sight.node, NOTHING)
        if not sight.has(log, told):
            raise Broken(
                f"acknowledged appends are durable: {sight.node} acknowledged entry {told.index} of term {told.term}, "
                f"and {sequel}"
            )
