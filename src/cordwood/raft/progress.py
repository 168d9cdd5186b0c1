"""What a leader knows about one follower, and how much it may send there.

Lives here: `Progress`, the flow control of one follower as a state machine. Must not live here: the messages
themselves (sending.py).

    PROBE ──accepted──► REPLICATE ──rejected, unreachable──► PROBE
      │                     │
      └──── log too short ──┴──► SNAPSHOT ──taken over, failed──► PROBE or REPLICATE

PROBE sends one message and waits for its answer (or a heartbeat's), to find where the logs agree. REPLICATE sends on
without waiting, as far as the window of inflights allows. SNAPSHOT sends nothing until the snapshot is dealt with.
"""

from __future__ import annotations

import enum

from cordwood.raft.entries import Index
from cordwood.raft.inflights import Inflights


class ProgressState(enum.Enum):
    """How a leader treats a follower."""

    PROBE = "probe"
    REPLICATE = "replicate"
    SNAPSHOT = "snapshot"


class Progress:
    """One follower (or the leader itself) in the eyes of the leader.

    1. 0 <= match < next: what is between them is under way.
    2. sent_commit < next: a commit index is of no use to a follower without the entry.
    3. pending_snapshot is 0 unless the state is SNAPSHOT.
    """

    __slots__ = ("inflights", "match", "next", "paused_flow", "pending_snapshot", "recent", "sent_commit", "state")

    def __init__(self, following: Index, inflights: Inflights, *, recent: bool = False) -> None:
        self.match: Index = 0
        """The follower's log is durable and equal to the leader's up to here."""
        self.next: Index = following
        """The first entry that was not sent."""
        self.sent_commit: Index = 0
        """The highest commit index that is known to the follower, or on its way there."""
        self.state = ProgressState.PROBE
        self.pending_snapshot: Index = 0
        """The index of the snapshot that was sent."""
        self.recent = recent
        """Whether the follower was heard of since the last check of the quorum."""
        self.paused_flow = False
        """Whether to wait for an answer (or a heartbeat's) before the next append: nothing else could get through."""
        self.inflights = inflights

    def _reset(self, state: ProgressState) -> None:
        self.paused_flow = False
        self.pending_snapshot = 0
        self.state = state
        self.inflights.clear()

    def become_probe(self) -> None:
        """Looks for the end of the common log: behind the snapshot that was sent, else behind what is known."""
        behind = max(self.match, self.pending_snapshot)
        self._reset(ProgressState.PROBE)
        self.next = behind + 1
        self.sent_commit = min(self.sent_commit, behind)

    def become_replicate(self) -> None:
        """The follower follows: sends without waiting."""
        self._reset(ProgressState.REPLICATE)
        self.next = self.match + 1
        self.sent_commit = min(self.sent_commit, self.match)

    def become_snapshot(self, index: Index) -> None:
        """A snapshot was sent: waits for it."""
        self._reset(ProgressState.SNAPSHOT)
        self.pending_snapshot = index
        self.next = index + 1
        self.sent_commit = index

    def snapshot_ended(self, *, arrived: bool) -> None:
        """How sending the snapshot ended, as far as the transport knows; does nothing if none is pending."""
        if self.state is not ProgressState.SNAPSHOT:
            return
        if not arrived:
            # What is known of the follower is what was known before.
            self.pending_snapshot = 0
        self.become_probe()
        # When it arrived, the follower's own answer comes next; when not, a heartbeat should pass before the next try.
        self.paused_flow = True

    def unreachable(self) -> None:
        """A message was lost on the way out: the appends under way probably were, too."""
        if self.state is ProgressState.REPLICATE:
            self.become_probe()

    @property
    def paused(self) -> bool:
        """Whether no append may be sent."""
        return self.state is ProgressState.SNAPSHOT or self.paused_flow

    def sent_entries(self, count: int, size_bytes: int) -> None:
        """Notes an append message of so many entries from `next` on."""
        if self.state is ProgressState.REPLICATE:
            if count:
                self.next += count
                self.inflights.add(self.next - 1, size_bytes)
            # A message into a full window is itself the probe that keeps the flow alive.
            self.paused_flow = self.inflights.full
        else:
            self.paused_flow = True

    def note_commit(self, commit: Index) -> None:
        """Notes that a commit index was sent."""
        self.sent_commit = max(self.sent_commit, min(commit, self.next - 1))

    def misses_commit(self, commit: Index) -> bool:
        """Whether telling the follower this commit index could move its own."""
        return self.sent_commit < min(commit, self.next - 1)

    def acknowledged(self, index: Index) -> bool:
        """Takes over that the follower has everything up to `index`; False if that is no news."""
        if index <= self.match:
            return False
        self.match = index
        self.next = max(self.next, index + 1)
        self.paused_flow = False
        return True

    def rejected(self, index: Index, hint: Index) -> bool:
        """Takes over that the follower has no such entry before `index + 1`; False if the answer is an old one.

        `hint` is the best guess of where the logs agree.
        """
        if self.state is ProgressState.REPLICATE:
            if index <= self.match:
                return False
            self.next = self.match + 1
        else:
            # A probe waits for its answer: only one that answers the latest probe counts.
            if index != self.next - 1:
                return False
            self.next = max(min(index, hint + 1), self.match + 1)
            self.paused_flow = False
        self.sent_commit = min(self.sent_commit, self.next - 1)
        return True

    def __str__(self) -> str:
        parts = [f"{self.state.value} match={self.match} next={self.next}"]
        if self.paused:
            parts.append("paused")
        if self.pending_snapshot:
            parts.append(f"snapshot={self.pending_snapshot}")
        if not self.recent:
            parts.append("inactive")
        if self.inflights.count:
            parts.append(f"inflight={self.inflights.count}" + ("[full]" if self.inflights.full else ""))
        return " ".join(parts)
