"""Rounds of heartbeats, and what their answers prove.

Lives here: `ReadRounds`, which reads wait for which round, and how old the last confirmed one is. Must not live here:
sending heartbeats (sending.py) and answering reads (reads.py).

A leader numbers its rounds of heartbeats within its term. When a quorum has answered round n, no other leader could
commit anything before round n was sent. So a read that was asked for before round n may be answered from the commit
index of that moment (Raft thesis, section 6.4), and for a while from when round n was sent nobody else can be elected
(the lease).
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from cordwood.raft.entries import Index, NodeId


class Read(NamedTuple):
    """A read as it was asked for."""

    origin: NodeId
    context: bytes


class WaitingRead(NamedTuple):
    """A read that waits for a round."""

    needed_round: int
    commit: Index
    """The commit index when it was asked for."""
    read: Read


class ReadRounds:
    """The rounds of one leader in one term. `confirmed <= round`: the last one a quorum answered, the last one sent."""

    __slots__ = ("_starts", "_waiting", "answered", "confirmed", "confirmed_tick", "round")

    def __init__(self) -> None:
        self.round = 0
        self.confirmed = 0
        self.confirmed_tick: int | None = None
        """When the confirmed round was sent."""
        self.answered: dict[NodeId, int] = {}
        self._starts: deque[tuple[int, int]] = deque()
        self._waiting: deque[WaitingRead] = deque()

    @property
    def waiting(self) -> int:
        """How many reads wait."""
        return len(self._waiting)

    @property
    def due(self) -> bool:
        """Whether a round should be sent now: a read needs it, and the one before is confirmed."""
        return bool(self._waiting) and self._waiting[-1].needed_round > self.round and self.confirmed == self.round

    def add(self, index: Index, read: Read) -> None:
        """A read waits for the first round that starts from now on."""
        self._waiting.append(WaitingRead(self.round + 1, index, read))

    def start(self, leader: NodeId, tick: int) -> int:
        """Starts a round; the leader itself answers it at once. Returns its number."""
        self.round += 1
        self.answered[leader] = self.round
        # Rounds of one tick prove the same: the first one stands for them.
        if not self._starts or self._starts[-1][1] != tick:
            self._starts.append((self.round, tick))
        return self.round

    def answer(self, node: NodeId, number: int) -> None:
        """A node answered a round; answers to later rounds count for earlier ones."""
        self.answered[node] = max(self.answered.get(node, 0), min(number, self.round))

    def confirm(self, number: int) -> list[WaitingRead]:
        """A quorum has answered this round: the reads that can be answered now."""
        number = min(number, self.round)
        if number <= self.confirmed:
            return []
        self.confirmed = number
        while self._starts and self._starts[0][0] <= number:
            self.confirmed_tick = self._starts.popleft()[1]
        done = []
        while self._waiting and self._waiting[0].needed_round <= number:
            done.append(self._waiting.popleft())
        return done
