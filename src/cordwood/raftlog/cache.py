"""The cache of entries: the newest stay in memory, and those of the open chunk always.

      oldest                         boundary                  newest
        | durable, in closed chunks      | in the open chunk, or not durable yet |
        ^ evicted first, while over a limit

Lives here: what is kept and what goes. Must not live here: reading from files.

An entry is known by the position of its record, which is never used twice: an entry that another took the place of is
never mistaken for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

L = TypeVar("L")
P = TypeVar("P")


class EntryCache(Generic[L, P]):
    """Entries in memory. Its owner locks."""

    __slots__ = ("_entries", "_payload_size", "boundary", "capacity_bytes", "max_items", "size_bytes")

    def __init__(self, max_items: int, capacity_bytes: int, payload_size: Callable[[P], int]) -> None:
        self._entries: OrderedDict[int, tuple[L, P]] = OrderedDict()
        self._payload_size = payload_size
        self.max_items = max_items
        self.capacity_bytes = capacity_bytes
        self.size_bytes = 0
        """The sum of the payloads' sizes."""
        self.boundary = 0
        """Records below this position are durable and in closed chunks: they may go."""

    def __len__(self) -> int:
        return len(self._entries)

    def insert(self, position: int, entry: tuple[L, P]) -> None:
        """Takes an entry whose record lies above all others."""
        self._entries[position] = entry
        self.size_bytes += self._payload_size(entry[1])
        self._evict()

    def insert_all(self, positions: Iterable[int], entries: Sequence[tuple[L, P]]) -> None:
        """Takes several, one for each position."""
        self._entries.update(zip(positions, entries, strict=True))
        payload_size = self._payload_size
        self.size_bytes += sum([payload_size(payload) for _, payload in entries])
        self._evict()

    def get_all(self, positions: Iterable[int]) -> list[tuple[L, P] | None]:
        """For each position the entry, None where it is not in memory."""
        return list(map(self._entries.get, positions))

    def allow_below(self, boundary: int) -> None:
        """Moves the boundary up."""
        self.boundary = max(self.boundary, boundary)
        self._evict()

    def cut_from(self, position: int) -> None:
        """Drops the entries at and above a position."""
        entries = self._entries
        while entries and next(reversed(entries)) >= position:
            self._drop(last=True)

    def cut_upto(self, position: int) -> None:
        """Drops the entries at and below a position."""
        entries = self._entries
        while entries and next(iter(entries)) <= position:
            self._drop(last=False)

    def _evict(self) -> None:
        entries = self._entries
        while len(entries) > self.max_items or self.size_bytes > self.capacity_bytes:
            if not entries or next(iter(entries)) >= self.boundary:
                return
            self._drop(last=False)

    def _drop(self, *, last: bool) -> None:
        _, (_, payload) = self._entries.popitem(last=last)
        self.size_bytes -= self._payload_size(payload)
