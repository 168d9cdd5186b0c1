"""A log that can rest: its files are closed and its parts forgotten, until somebody asks for one of them.

      awake:    segments, indexes, producers, epochs, aborted transactions; an open file for each segment
        │ rest                         ▲ wake: opened as after a clean stop (recovery.py)
        ▼                              │
      at rest:  a row of numbers (at_rest.py), a path, the locks

Whoever holds the log notices nothing: a part that is not there wakes it. What is asked of every log every now and then,
whether or not anybody uses it, is answered by the row.

A log goes to rest only when everything in it is on the device and in its checkpoints, so that waking it scans nothing;
and a log that was never touched has no directory: waking makes it.

| step of waking a log that was never touched  | if the process dies or the power fails here                         |
|----------------------------------------------|---------------------------------------------------------------------|
| the directory is made, durably               | an empty directory: opened as an empty log                          |
| `partition.meta` with the topic's id         | the same, of that topic                                             |
| the store is made                            | the same                                                            |
| the first append, and its sync               | as any append (batch_log.py): the sync makes the names durable, too |

Lives here: what a log is made of, rest and waking. Must not live here: what is done with the parts.

Threads: a log goes to rest under all of its locks, so nobody is writing; it is woken under its append lock. Readers take
no lock: what they have found stays open while they hold it.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from cordwood.log.at_rest import AtRest
from cordwood.log.backend import DirectoryBackend
from cordwood.log.durability import Durability
from cordwood.log.meta import PartitionMeta
from cordwood.log.recovery import recover
from cordwood.log.replay import find_aborted_of
from cordwood.model.errors import CorruptLog, LogClosed
from cordwood.model.ids import NO_LEADER_EPOCH, NO_TOPIC_ID, Offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk
    from cordwood.log.aborted import AbortedIndex
    from cordwood.log.config import LogConfig
    from cordwood.log.epochs import EpochCache
    from cordwood.log.flusher import Flusher
    from cordwood.log.producers import ProducerTable
    from cordwood.log.recovery import Recovered
    from cordwood.log.segment import Segment
    from cordwood.log.segments import Segments
    from cordwood.model.errors import StorageFailed

_PARTS: Final = ("_segments", "_meta", "_snapshots", "_aborted", "epochs", "producers")
"""The attributes that a log at rest does not have."""


class RestingLog:
    """The parts of a log, as long as it is awake."""

    producers: ProducerTable
    epochs: EpochCache
    _aborted: AbortedIndex
    _meta: PartitionMeta
    _segments: Segments
    _snapshots: list[tuple[int, bytes]]
    """Producers' snapshots of rotations, which the next checkpoint writes."""

    _clean_due_ms: int | None = None

    def __init__(
        self, path: str, config: LogConfig, disk: Disk, clock: Clock, flusher: Flusher, found: Recovered | AtRest
    ) -> None:
        self.path = path
        self.config = config
        self.truncations = 0
        """Grows with every `truncate`: see reader.py."""
        self.at_rest: AtRest | None = None
        """What is known of the log while it rests; None while it is awake."""
        self._backend = DirectoryBackend(disk, path)
        self._clock = clock
        self._disk = disk
        self._flusher = flusher
        self._keepers = 0
        """How many work on it for longer than one call."""
        self._leader_epoch: int = NO_LEADER_EPOCH
        self._lock = threading.RLock()
        self._sync_is_due = False
        self._unsettled_bytes = 0
        if isinstance(found, AtRest):
            self.at_rest = found
            self.start_offset = Offset(found.start_offset)
            self._durability = Durability(
                self._backend, synced_offset=found.end_offset, recovery_point=found.end_offset
            )
            for (
                part
            ) in _PARTS:  # An object that gets more attributes later than it began with takes a dictionary for them.
                setattr(self, part, None)
            self._let_go()
            return
        end, recovery_point = found.segments.active.next_offset, found.meta.recovery_point
        self._durability = Durability(
            self._backend, synced_offset=min(recovery_point, end), recovery_point=recovery_point
        )
        self._take(found)

    def _take(self, found: Recovered) -> None:
        """Has these parts from now on."""
        self.start_offset = Offset(found.meta.start_offset)
        self.producers = found.producers
        self.epochs = found.epochs
        self._aborted = found.aborted
        self._meta = found.meta
        self._snapshots = []
        own = weakref.proxy(self)  # A log that nobody holds any more goes at once, and its descriptors with it.
        disk = self._disk
        self._aborted.rebuild = lambda base: find_aborted_of(disk, own._backend, own._segments, base)  # noqa: SLF001
        self._durability.segments = lambda: own._segments  # noqa: SLF001 - its own
        self._segments = found.segments

    # What it is.

    @property
    def end_offset(self) -> Offset:
        """The offset that the next record gets."""
        rest = self.at_rest
        return Offset(self._segments.active.tail[0] if rest is None else rest.end_offset)

    @property
    def synced_offset(self) -> Offset:
        """Everything below it is on the device."""
        return Offset(self._durability.synced_offset)

    @property
    def recovery_point(self) -> Offset:
        """Everything below it is trusted at the next opening; the rest is scanned."""
        return Offset(self._durability.recovery_point)

    @property
    def segment_count(self) -> int:
        """How many segments there are, the active one included."""
        rest = self.at_rest
        return len(self._segments.all) if rest is None else rest.segment_count

    @property
    def size_bytes(self) -> int:
        """Bytes of record batches."""
        rest = self.at_rest
        return sum(segment.size_bytes for segment in self._segments.all) if rest is None else rest.size_bytes

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments as they are now, for those who look: tools, tests."""
        return self._segments.all

    @property
    def topic_id(self) -> bytes:
        """The topic's UUID in 16 bytes, all zero if nobody told."""
        rest = self.at_rest
        return self._meta.topic_id if rest is None else rest.topic_id

    @property
    def failure(self) -> StorageFailed | None:
        """Why the log takes no writes any more, if a write or sync failed."""
        return self._durability.failure

    @property
    def has_news(self) -> bool:
        """Whether there is something that the last checkpoint does not have."""
        if self.at_rest is not None:
            return False
        end = self.end_offset
        return self._durability.recovery_point != end or self.epochs.has_news(end) or self._aborted.has_changes

    @property
    def is_closed(self) -> bool:
        """Whether it was closed or deleted."""
        return isinstance(self._durability.refusal, LogClosed)

    def facts(self) -> AtRest | None:
        """What the log is if it were to rest now; None if it may not. Raises StorageFailed."""
        with self._lock:
            if self.at_rest is not None or self.has_news:
                return self.at_rest
            try:
                return AtRest.of(self._segments, self._meta.topic_id, self.start_offset)
            except CorruptLog:
                return None  # Whoever reads the damaged segment is told; until then the log can be written to.

    # Rest.

    def rest(self) -> bool:
        """Closes the files and forgets the parts until one is asked for; False if the log has something to do first.

        That is a checkpoint, the end of a transaction or of longer work, the room of removed files, or a view that is not
        given back.
        Raises StorageFailed.
        """
        with self._durability.lock, self._durability.syncing, self._lock:
            if self.at_rest is not None:
                return True
            facts = None if self._is_busy() else self.facts()
            if facts is None:
                return False
            self.at_rest = facts
            self._durability.segments = None
            self._let_go()
            return True

    def _let_go(self) -> None:
        self.__class__ = _asleep(type(self))
        for part in _PARTS:
            delattr(self, part)

    @contextmanager
    def kept_awake(self) -> Iterator[None]:
        """The log stays awake, and its segments are the same objects, until the context ends. Raises as `wake`."""
        with self._lock:
            self.wake()
            self._keepers += 1
        try:
            yield
        finally:
            with self._lock:
                self._keepers -= 1

    def _is_busy(self) -> bool:
        return (
            self._keepers > 0
            or self._durability.refusal is not None
            or self._sync_is_due
            or self._clean_due_ms is not None
            or bool(self._snapshots)
            or self.producers.first_undecided is not None
            or any(segment.store.file.is_viewed() for segment in self._segments.all)
        )

    def wake(self) -> None:
        """Opens the files and has all parts again. Raises CorruptLog, StorageFailed, LogClosed."""
        with self._lock:
            rest = self.at_rest
            if rest is None:
                return
            if self._durability.refusal is not None:
                raise self._durability.refusal
            if not rest.is_made:
                self._make(rest.topic_id)
            now = self._clock.now_ms()
            found = recover(self._disk, self._backend, self.config.index_interval_bytes, now)
            found.producers.expire(now, self.config.producer_expiry_ms)
            end = found.segments.active.next_offset
            if end != rest.end_offset:
                reason = f"the log ends at offset {end}, but ended at {rest.end_offset} when its files were closed"
                raise CorruptLog(found.segments.active.path, found.segments.active.size_bytes, reason)
            self._take(found)
            self.epochs.assign(self._leader_epoch, end)
            self.at_rest = None
            self.__class__ = type(self).__bases__[0]

    def _make(self, topic_id: bytes) -> None:
        self._disk.make_directory(self.path)
        if topic_id != NO_TOPIC_ID:
            # Under `commit` nobody is told of a record before the first sync, which makes the names durable, too.
            is_synced_later = self.config.flush_policy == "commit"
            PartitionMeta(topic_id).store(self._disk, self.path, syncs_name=not is_synced_later)

    def _part(self, name: str) -> Any:  # noqa: ANN401 - any of the parts
        """A part that was not there when somebody asked for it."""
        if name not in _PARTS:
            raise AttributeError(f"a log has no {name}")
        with self._lock:  # It does not go to rest again in between.
            self.wake()
            return object.__getattribute__(self, name)  # Not by __dict__: that would cost every log a dictionary.


_ASLEEP: Final[dict[type, Any]] = {}
"""For each class of logs that of those at rest."""


def _asleep(awake: type) -> Any:  # noqa: ANN401 - a class like the one it is given
    """The class of logs at rest: the same, with a way to a part that is not there.

    Awake they are of a class without it, for the sake of speed: the interpreter looks up every attribute of an object the
    long way if its class has a `__getattr__`, and appends took a quarter longer (bench/embedded_log.py).
    """
    if awake not in _ASLEEP:
        members = {"__getattr__": RestingLog._part}  # noqa: SLF001 - its own
        _ASLEEP[awake] = type(awake.__name__, (awake,), members)
    return _ASLEEP[awake]
