"""Which logs go to rest: those that nobody has written to or read from for a while.

      awake ──> used since the last look? ── yes ──> it counts as used now
                     │ no
                     ├── for `log.idle.ms` ──────────────────────────────> checkpoint, rest
                     └── more files open than `log.open.files.limit`, and
                         no other was used longer ago ───────────────────> checkpoint, rest

Nothing is noted on the way of a request: a look compares the counters that partitions have anyway. Only the logs that are
awake are remembered here, so a thousand that rest cost a thousand glances and no memory.

Lives here: that choice. Must not live here: what rest is (log/resting.py), and when it is looked (housekeeping.py).
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from operator import attrgetter
from typing import Final, NamedTuple, Protocol

from cordwood.env.clock import Clock
from cordwood.model.errors import CorruptLog, LogClosed, StorageFailed
from cordwood.replica.partition import Partition

logger = logging.getLogger(__name__)

LOOKS: Final = 4
"""So often each log is looked at in the time after which it counts as idle."""


class _Seen(NamedTuple):
    """A partition that was awake at the last look."""

    used: tuple[int, int]
    """What went in and out of it."""
    since: float
    """When that was first seen so, in monotonic seconds."""
    partition: Partition


class HoldsPartitions(Protocol):
    """The partitions, as far as it matters here."""

    def all(self) -> Collection[Partition]:
        """Every one, from any thread."""
        ...


class Idling:
    """Looks after the partitions of one broker. `look` is called by one thread at a time."""

    def __init__(self, partitions: HoldsPartitions, clock: Clock, *, idle_ms: int, open_files_limit: int) -> None:
        self._partitions = partitions
        self._clock = clock
        self._idle_s = idle_ms / 1000
        self._open_files_limit = open_files_limit
        self._seen: dict[Partition, _Seen] = {}
        self.interval_ms = max(idle_ms // LOOKS, 1)
        """How long after a look the next one should be."""

    def look(self) -> None:
        """Puts to rest what is idle."""
        now = self._clock.monotonic()
        self._seen = {
            partition: self._look_at(partition, now)
            for partition in self._partitions.all()
            if partition.log.at_rest is None
        }
        open_files = sum(partition.log.segment_count for partition in self._seen)
        for seen in sorted(self._seen.values(), key=attrgetter("since")):
            is_idle = now - seen.since >= self._idle_s
            if not is_idle and (open_files <= self._open_files_limit or seen.since >= now):
                break
            count = seen.partition.log.segment_count
            if _rest(seen.partition):
                del self._seen[seen.partition]
                open_files -= count

    def _look_at(self, partition: Partition, now: float) -> _Seen:
        used = partition.bytes_in, partition.bytes_out
        known = self._seen.get(partition)
        return known if known is not None and known.used == used else _Seen(used, now, partition)


def _rest(partition: Partition) -> bool:
    log = partition.log
    try:
        log.clean()
        if log.has_news:
            log.checkpoint()
        if not log.rest():
            return False
        partition.give_back()
        return True
    except LogClosed:
        return False  # It was deleted meanwhile.
    except (CorruptLog, StorageFailed) as error:
        logger.error("%s cannot be put to rest: %s", partition.name, error)
        return False
