"""The segment: a store and its two indexes, and the offsets of what is in them.

      base_offset                                                   next_offset
      | .log      [batch][batch][batch] ... [batch][batch][batch]  |
      | .idx               ^ one entry for each 8 KiB of store      |   offset -> position
      | .timeidx           ^ the largest timestamp up to there      |   timestamp -> offset

Lives here: which batch of the store holds an offset, when the segment is full. Must not live here: other segments,
durability's policy, the names of files.

The pair `tail` (next offset, size of the store) is replaced whole after each append, so that readers, who take no lock,
always see an offset and a size that belong together.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.backend import FileKind
from cordwood.log.indexes import Indexes, sync_files
from cordwood.log.recent import RecentBatches
from cordwood.log.store import Store
from cordwood.model.errors import CorruptLog, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.disk import Buffer
    from cordwood.log.backend import Backend
    from cordwood.log.config import LogConfig

RELATIVE_OFFSET_LIMIT: Final = (1 << 31) - 1
"""Offsets of one segment span less than this, as in Kafka, whose tools count them in 32 bits."""


class Place(NamedTuple):
    """Where the batch that holds an offset begins."""

    base_offset: int
    position: int


class Segment:
    """One segment of a log. One thread writes; any thread reads."""

    __slots__ = (
        "_backend",
        "_first_timestamp",
        "_indexes",
        "_is_repaired",
        "_interval_bytes",
        "_loading",
        "_recent",
        "_takes_appends",
        "base_offset",
        "created_ms",
        "deleted",
        "hollow_below",
        "store",
        "tail",
    )

    def __init__(self, backend: Backend, base_offset: int, interval_bytes: int, *, created_ms: int) -> None:
        self._backend = backend
        self._interval_bytes = interval_bytes
        self._first_timestamp: int | None = None
        self._recent = RecentBatches()
        self._loading = threading.Lock()
        self._indexes: Indexes | None = None
        self._is_repaired = False
        self._takes_appends = False
        self.base_offset = base_offset
        self.created_ms = created_ms
        self.deleted = False
        self.hollow_below = base_offset
        """Below it compaction may have left batches without records; what is appended has some."""
        self.store = Store(backend.open(base_offset, FileKind.STORE, create=True))
        self.tail: tuple[int, int] = (base_offset, 0)

    @classmethod
    def create(cls, backend: Backend, base_offset: int, interval_bytes: int, *, created_ms: int) -> Segment:
        """An empty segment that takes appends. A leftover under its name is emptied."""
        segment = cls(backend, base_offset, interval_bytes, created_ms=created_ms)
        segment.store.truncate(0)
        segment.indexes_from(0, None)
        return segment

    @classmethod
    def sealed(
        cls, backend: Backend, base_offset: int, next_offset: int, interval_bytes: int, *, created_ms: int
    ) -> Segment:
        """A closed segment whose store is trusted; its indexes are read when they are first needed."""
        segment = cls(backend, base_offset, interval_bytes, created_ms=created_ms)
        segment.tail = next_offset, segment.store.size_bytes
        segment.hollow_below = next_offset
        return segment

    @property
    def next_offset(self) -> int:
        """The offset that the next record gets."""
        return self.tail[0]

    @property
    def size_bytes(self) -> int:
        """Bytes of whole batches in the store."""
        return self.tail[1]

    @property
    def path(self) -> str:
        """The path of the store."""
        return self.store.path

    @property
    def indexes(self) -> Indexes:
        """The indexes; those of a closed segment are loaded, checked and if need be rebuilt at the first use."""
        return self._indexes or self._load_indexes()

    # Writing.

    def append(self, parts: Sequence[Buffer], base_offset: int, next_offset: int, timestamp: int) -> None:
        """Writes one batch, already stamped, in one piece. Raises StorageFailed, and then nothing has changed."""
        store = self.store
        position = store.append(parts)
        self._recent.append(base_offset, position)
        (self._indexes or self.indexes).note(position, base_offset, timestamp)
        self.tail = next_offset, store.size_bytes

    def note(self, position: int, base_offset: int, next_offset: int, size_bytes: int, timestamp: int) -> None:
        """Takes a batch into account that recovery found in the store at `position`, the end so far."""
        self.indexes.note(position, base_offset, timestamp)
        self.tail = next_offset, position + size_bytes

    def is_full(self, config: LogConfig, size_bytes: int, next_offset: int, timestamp: int, now_ms: int) -> bool:
        """Whether a batch of this size, end and timestamp belongs into a new segment (Kafka's LogSegment.shouldRoll)."""
        held = self.tail[1]
        if not held:
            return False
        # Kafka's measure of age: by the records' timestamps where they have any, else by the clock.
        first = self._first_timestamp
        if first is None:
            first = self._first_timestamp = self.store.header_at(0).latest_timestamp
        age_ms = timestamp - first if timestamp >= 0 and first >= 0 else now_ms - self.created_ms
        return (
            held + size_bytes > config.segment_bytes
            or age_ms > config.segment_ms
            or len((self._indexes or self.indexes).offsets) >= config.segment_index_entries
            or next_offset - 1 - self.base_offset > RELATIVE_OFFSET_LIMIT
        )

    def write_indexes(self) -> None:
        """Brings the files of the indexes up to the end of the store. They are synced by `sync`."""
        self.indexes.write(self.next_offset)

    def seal(self) -> None:
        """Closes the segment for writing: its indexes are written, and from now on viewed in their files."""
        self.write_indexes()
        self._takes_appends = False
        self._indexes = Indexes.load(self._backend, self.base_offset, self._interval_bytes, writable=False)
        self._recent = RecentBatches()

    def retreat(self, offset: int) -> int:
        """Moves the end to `boundary(offset)`, for readers; returns the offset there.

        The bytes go with `cut`, which must follow.
        """
        place = self.boundary(offset)
        self.tail = place.base_offset, place.position
        self._recent = RecentBatches()
        return place.base_offset

    def cut(self) -> None:
        """Cuts the store at the end that `retreat` set, and begins new index files; the segment takes appends again."""
        next_offset, size_bytes = self.tail
        indexes = self.indexes
        with self._loading:
            self._takes_appends = True
            self._noted(indexes, indexes.truncate(next_offset), size_bytes)
            indexes.remove_files()
            self.store.truncate(size_bytes)
        self.hollow_below = min(self.hollow_below, next_offset)
        if not size_bytes:
            self._first_timestamp = None

    def sync(self) -> None:
        """Returns when the batches appended before the call are on the device. Raises StorageFailed."""
        try:
            self.store.sync()
        except StorageFailed:
            self._backend.doubt()
            raise

    def tidy(self) -> None:
        """Makes the store's end that of its batches, for good: opening takes all of a closed store for batches."""
        if self.store.is_littered:
            self.store.tidy()
            self.sync()

    def sync_indexes(self) -> None:
        """Returns when the written indexes are on the device."""
        sync_files(self._backend, self.base_offset)

    def retire(self) -> None:
        """The files are about to go, or to become another segment's: from now on nothing is looked for by their names.

        Readers that are in the segment go on: the store is open, and the indexes are loaded here.
        """
        if self._indexes is None:
            self._load_indexes()
        with self._loading:
            self.deleted = True

    def close(self) -> None:
        """Closes the store's file."""
        self.store.file.close()

    # Reading.

    def locate(self, offset: int) -> Place:
        """The batch that holds `offset`, which lies in [base_offset, next_offset). Raises CorruptLog.

        Where compaction took that batch away it is the next one, and there is one: the last batch of a segment stays.
        """
        found = self._recent.floor(offset)
        if found is None:
            indexes = self.indexes
            base_offset, position = indexes.offsets.floor(offset) or (None, 0)
            try:
                found = self.store.locate(offset, position, self.size_bytes, base_offset)
            except CorruptLog:
                if not self._repair(indexes):
                    raise
                return self.locate(offset)
        return Place(*found)

    def filled_from(self, offset: int) -> Place | None:
        """The first batch with records that ends above `offset`; None if compaction left none. Raises CorruptLog."""
        # One without is a place-holder: clients take an answer without records for one that did not fit.
        _, size_bytes = self.tail
        for position, header in self.store.headers(self.locate(offset).position, size_bytes):
            if header.record_count:
                return Place(header.base_offset, position)
        return None

    def boundary(self, offset: int) -> Place:
        """The offset and the position at which the segment ends if all from `offset` on goes. Raises CorruptLog.

        Batches go whole. A gap that compaction left before them goes as well: the end is what the last batch says.
        """
        place = self.locate(offset)
        before = self.indexes.offsets.floor(place.base_offset - 1)
        end = self.base_offset
        for _, header in self.store.headers(before[1] if before else 0, place.position):
            end = header.next_offset
        return Place(end, place.position)

    def end_of_batches(self, start: int, limit: int, end: int) -> int:
        """The last boundary of a batch in (start, limit], or else the end of the batch at `start`; `end` at most.

        `start` and `end` are boundaries. Raises CorruptLog.
        """
        if limit >= end:
            return end
        found = self._recent.floor_of_position(limit)
        if found is None:
            found = (self.indexes.offsets.floor_of_value(limit) or (0, 0))[1]
        if found > start:
            return found
        boundary = start
        for position, header in self.store.headers(start, end):
            if position > start and position + header.size_bytes > limit:
                return position
            boundary = position + header.size_bytes
            if boundary >= limit:
                break
        return boundary

    # Indexes that were left on disk.

    def indexes_from(self, offset: int, indexes: Indexes | None) -> int:
        """Begins to note batches at `offset`: keeps what loaded indexes say of those below it.

        Returns the position of the first batch that the caller has to `note`, at or below the one of `offset`.
        """
        fresh = Indexes(self._backend, self.base_offset, self._interval_bytes)
        self._indexes = indexes or fresh
        self._takes_appends = True
        return self._indexes.truncate(offset) if indexes else 0

    def _repair(self, flawed: Indexes) -> bool:
        """Rebuilds the indexes of a closed segment, once, when they led to a place where no batch begins."""
        with self._loading:
            if self._takes_appends or self._is_repaired:
                return False
            if self._indexes is flawed:
                self._indexes = self._rebuilt()
                self._is_repaired = True
            return True

    def _load_indexes(self) -> Indexes:
        with self._loading:
            if self._indexes is None:
                loaded = Indexes.load(self._backend, self.base_offset, self._interval_bytes, writable=False)
                if loaded is None or self._flaw_of(loaded) is not None:
                    loaded = self._rebuilt()
                self._indexes = loaded
            return self._indexes

    def _flaw_of(self, indexes: Indexes) -> str | None:
        next_offset, size_bytes = self.tail
        flaw = indexes.flaw(next_offset, size_bytes)
        if flaw is None and size_bytes and not indexes.is_complete(next_offset):
            flaw = "the time index is short"
        return flaw or self._shortness_of(indexes, size_bytes)

    def _shortness_of(self, indexes: Indexes, size_bytes: int) -> str | None:
        """An index is short if behind its last entry a batch begins that should have one: a walk of one interval."""
        base_offset, start = indexes.offsets.last or (None, 0)
        try:
            for position, header in self.store.headers(start, size_bytes):
                if position == start and base_offset not in (None, header.base_offset):
                    return f"its last entry says {base_offset} where the store has {header.base_offset}"
                if position > start and indexes.is_short(position):
                    return "the offset index is short"
        except CorruptLog as error:
            return f"no batch begins where its last entry says: {error.reason}"  # Or the rebuilding finds out.
        return None

    def _rebuilt(self) -> Indexes:
        indexes = Indexes(self._backend, self.base_offset, self._interval_bytes)
        self._noted(indexes, 0, self.size_bytes)
        if not self.deleted:
            indexes.remove_files()
            indexes.write(self.next_offset)
        return indexes

    def _noted(self, indexes: Indexes, start: int, end: int) -> Indexes:
        for position, header in self.store.headers(start, end):
            indexes.note(position, header.base_offset, header.latest_timestamp)
        return indexes
