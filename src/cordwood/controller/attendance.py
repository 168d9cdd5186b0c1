"""When each member was last heard of, and when it last had everything: what people want to know of a quorum.

Lives here: the times, noted by the leader. Must not live here: what is said of them (membership.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.env.clock import Clock
    from cordwood.raft import Index, NodeId

NEVER: Final = -1
"""In place of a time: nobody knows."""


class Attendance:
    """The times of one node's peers, in milliseconds of the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[NodeId, int] = {}
        self._caught_up: dict[NodeId, int] = {}

    def heard(self, member: NodeId) -> None:
        """A message has come from a member."""
        self._heard[member] = self._clock.now_ms()

    def last_heard(self, member: NodeId) -> int:
        """When a member was last heard of, or NEVER."""
        return self._heard.get(member, NEVER)

    def last_caught_up(self, member: NodeId, match: Index, commit: Index) -> int:
        """When a member last had all that was committed, as far as anybody looked, or NEVER."""
        if match >= commit and member in self._heard:
            self._caught_up[member] = self._heard[member]
        return self._caught_up.get(member, NEVER)

    def keep(self, members: Iterable[NodeId]) -> None:
        """Forgets who is no member."""
        kept = set(members)
        for times in (self._heard, self._caught_up):
            for member in times.keys() - kept:
                del times[member]
