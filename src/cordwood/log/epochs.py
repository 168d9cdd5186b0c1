"""Which leader wrote which part of the log: for each leader epoch the offset where it begins.

      epoch   0         2              5            6
              |---------|--------------|------------|---------> end of the log
      start   0         1000           1500         1900

A follower, or a consumer that finds its leader changed (KIP-101, KIP-320), asks where an epoch ends and truncates, or
resets, to there. Epochs and their starts both grow; an epoch that wrote nothing gives way to the next, as in Kafka.

Payload of the checkpoint `leader-epochs` (docs/formats/checkpoints.md), little-endian:

      +-------+   then each epoch:   +-------+-------+
      | count |                      | epoch | start |
      +-------+                      +-------+-------+
        u32                            i32     i64

Lives here: the list and its bytes. Must not live here: files, who is leader.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from struct import Struct, error
from typing import Final, NamedTuple

from cordwood.log.checkpoint import Kind
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import NO_LEADER_EPOCH

EPOCHS: Final = Kind(b"CWle", 1)

_COUNT: Final = Struct("<I")
_ENTRY: Final = Struct("<iq")


class EpochEnd(NamedTuple):
    """Where an epoch ends: the offset after its last record. (-1, -1) when it is unknown."""

    epoch: int
    end_offset: int


UNKNOWN_EPOCH_END: Final = EpochEnd(-1, -1)


class EpochCache:
    """The leader epochs of one log. One writer; readers take the entries as they are: two tuples swapped whole."""

    __slots__ = ("_entries", "_stored", "latest")

    def __init__(self, entries: tuple[tuple[int, int], ...] = ()) -> None:
        self._entries = entries
        self.latest: int = entries[-1][0] if entries else NO_LEADER_EPOCH
        self._stored: tuple[tuple[int, int], ...] | None = None
        """What the checkpoint has; None while there is none."""

    @property
    def changed(self) -> bool:
        """Whether the checkpoint does not have the same."""
        return self._stored != self._entries

    def has_news(self, log_end_offset: int) -> bool:
        """Whether the checkpoint lacks what its leader would not say again: where an epoch began that has batches."""
        if self._stored == self._entries:
            return False
        return _with_batches(self._stored or (), log_end_offset) != _with_batches(self._entries, log_end_offset)

    @property
    def entries(self) -> tuple[tuple[int, int], ...]:
        """(epoch, start offset), both growing."""
        return self._entries

    def assign(self, epoch: int, start_offset: int) -> None:
        """Notes that `epoch` begins at `start_offset`. Older and equal epochs are not news."""
        if epoch <= self.latest:
            return
        kept = bisect_left(self._entries, start_offset, key=_start_of)
        self._replace((*self._entries[:kept], (epoch, start_offset)))

    def end_offset_for(self, epoch: int, log_end_offset: int) -> EpochEnd:
        """The largest known epoch up to `epoch`, and the offset where it ends (Kafka's LeaderEpochFileCache)."""
        entries = self._entries
        if epoch < 0 or not entries:
            return UNKNOWN_EPOCH_END
        if epoch == entries[-1][0]:
            return EpochEnd(epoch, log_end_offset)
        following = bisect_right(entries, epoch, key=_epoch_of)
        if following == len(entries):
            return UNKNOWN_EPOCH_END
        end_offset = entries[following][1]
        known = entries[following - 1][0] if following else epoch
        return EpochEnd(known, end_offset)

    def epoch_at(self, offset: int) -> int:
        """The epoch of the record at `offset`, or -1."""
        entries = self._entries
        found = bisect_right(entries, offset, key=_start_of) - 1
        return entries[found][0] if found >= 0 else NO_LEADER_EPOCH

    def truncate(self, end_offset: int) -> None:
        """The log now ends at `end_offset`: epochs that begin there or later are forgotten."""
        entries = self._entries
        kept = bisect_left(entries, end_offset, key=_start_of)
        if kept < len(entries):
            self._replace(entries[:kept])

    def truncate_before(self, start_offset: int) -> None:
        """The log now begins at `start_offset`: the epoch it falls into begins there, older ones are forgotten."""
        entries = self._entries
        first = bisect_right(entries, start_offset, key=_start_of) - 1
        if first > 0 or (first == 0 and entries[0][1] < start_offset):
            self._replace(((entries[first][0], start_offset), *entries[first + 1 :]))

    def stored(self, entries: tuple[tuple[int, int], ...]) -> None:
        """The checkpoint has these entries now."""
        self._stored = entries

    def _replace(self, entries: tuple[tuple[int, int], ...]) -> None:
        self._entries = entries
        self.latest = entries[-1][0] if entries else NO_LEADER_EPOCH

    def encode(self) -> bytes:
        """The payload of the checkpoint."""
        entries = self._entries
        return _COUNT.pack(len(entries)) + b"".join(_ENTRY.pack(*entry) for entry in entries)

    @classmethod
    def decode(cls, payload: bytes, path: str) -> EpochCache:
        """The cache in a payload. Raises CorruptLog, which names `path`."""
        try:
            (count,) = _COUNT.unpack_from(payload)
            entries = tuple(_ENTRY.unpack_from(payload, _COUNT.size + i * _ENTRY.size) for i in range(count))
        except error as cause:
            raise CorruptLog(path, len(payload), f"the list of epochs ends early: {cause}") from cause
        cache = cls(entries)
        cache.stored(entries)
        return cache


def _with_batches(entries: tuple[tuple[int, int], ...], log_end_offset: int) -> tuple[tuple[int, int], ...]:
    return entries[: bisect_left(entries, log_end_offset, key=_start_of)]


def _epoch_of(entry: tuple[int, int]) -> int:
    return entry[0]


def _start_of(entry: tuple[int, int]) -> int:
    return entry[1]
