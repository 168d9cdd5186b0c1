"""The window of append messages that were sent and not acknowledged.

Lives here: `Inflights`, bounded in messages and in bytes. Must not live here: what is sent when the window is full
(progress.py).
"""

from __future__ import annotations

from collections import deque

from cordwood.raft.entries import Index


class Inflights:
    """What is under way to one follower, oldest first. The limits are soft by one message: it is full from there on."""

    __slots__ = ("_bytes", "_sent", "max_bytes", "max_messages")

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self._sent: deque[tuple[Index, int]] = deque()
        self._bytes = 0

    @property
    def count(self) -> int:
        """How many messages are under way."""
        return len(self._sent)

    @property
    def full(self) -> bool:
        """Whether nothing more may be sent."""
        return len(self._sent) >= self.max_messages or self._bytes >= self.max_bytes

    def add(self, last: Index, size_bytes: int) -> None:
        """Notes a message whose last entry is `last`; indexes only grow."""
        assert not self.full, f"message up to {last} added to a full window of {self.count}"
        assert not self._sent or self._sent[-1][0] < last, f"message up to {last} added after {self._sent[-1][0]}"
        self._sent.append((last, size_bytes))
        self._bytes += size_bytes

    def free(self, acked: Index) -> None:
        """Forgets the messages that end at `acked` or before."""
        while self._sent and self._sent[0][0] <= acked:
            self._bytes -= self._sent.popleft()[1]

    def clear(self) -> None:
        """Forgets everything."""
        self._sent.clear()
        self._bytes = 0
