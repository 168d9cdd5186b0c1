"""A log on a disk that may fail, and the list that says what it holds: everything that can be done to one, on both.

Each method does one thing to the log, checks the answer against the list, and says beforehand (`allowed`) what may be
found if the machine stops in its midst. `recover` goes on from there, with what was found.

Lives here: that. Must not live here: chance and its choices (test_log_for_years.py), damage (log_damage.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from cordwood.env.disk import Disk
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CleanerConfig, CompactionConfig
from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES
from cordwood.log.compaction.tools import Tools
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.log.replay import marker_at
from cordwood.model.errors import OffsetOutOfRange
from cordwood.records.batch import Codec, batches
from cordwood.records.record import Record
from cordwood.sim.checkers import disagreements
from cordwood.sim.clock import SimClock
from cordwood.sim.flusher import SimFlusher
from cordwood.sim.found import Found, look
from cordwood.sim.history import record_at
from tests.properties.log_model import Batch, LogModel, check_aborted_are_gone, check_compacted
from tests.properties.transactors import Transactors, check_committed

PRODUCERS = (7, 8)


@dataclass
class Sender:
    """An idempotent producer, as far as the log knows it."""

    epoch: int = 0
    next_sequence: int = 0
    last: Batch | None = None
    """Its last batch, as long as the log has to know it again."""


@dataclass
class ModelledLog:
    """One log and its list."""

    disk: Disk
    path: str
    config: LogConfig
    compaction: CompactionConfig = field(default_factory=CompactionConfig)
    entries: int = 1000
    """How many keys the map of a compaction holds."""
    model: LogModel = field(default_factory=LogModel)

    def __post_init__(self) -> None:
        self.clock = SimClock()
        self.senders = {number: Sender() for number in PRODUCERS}
        self.transactors = Transactors()
        self.leader_epoch = 0
        self.allowed = self.model.as_it_is()
        self.open()

    def twin(self, disk: Disk) -> ModelledLog:
        """The same log on another disk: it goes its own way from here, and is not open yet."""
        twin = copy(self)
        twin.disk = disk
        twin.model = copy(self.model)
        twin.model.batches = self.model.batches.copy()
        twin.senders = self.senders.copy()
        twin.transactors = self.transactors.twin()
        return twin

    # Opening, closing and looking.

    def open(self) -> None:
        """A process begins."""
        self.flusher = SimFlusher(self.clock)
        options = {"disk": self.disk, "clock": self.clock, "flusher": self.flusher, "lock": False}
        self.log = Log.open(self.path, self.config, **options)

    def close(self) -> None:
        """The process ends as it should: all is durable, unless the device failed in the background."""
        if self.log.failure is not None:
            raise self.log.failure
        self.log.close()
        self.flusher.pending.run()
        self.model.durable = self.model.end

    def reopen(self) -> None:
        """Closes and opens it; a clean log is read at no place."""
        self.close()
        self.open()
        assert self.log.recovery_point == self.model.end

    def recover(self, *, power_failed: bool) -> None:
        """The next process begins with what it finds on the disk, which may be no other than what is allowed."""
        is_in_midst = self.allowed != self.model.as_it_is()
        self.open()
        if is_in_midst:
            # What nobody was told is done may be done for this process, and undone by a power failure before a sync.
            self.log.sync()
        self.hold(power_failed=power_failed)

    def hold(self, *, power_failed: bool = False) -> None:
        """Checks what the log holds against what is allowed; from now on that is the list."""
        found = self.look()
        self.allowed.check(found, power_failed=power_failed)
        known = {(batch.base_offset, batch.next_offset) for batch in self.allowed.batches}
        held = stored_batches(self.log, found)
        if not self.allowed.deletes:
            assert {(batch.base_offset, batch.next_offset) for batch in held} <= known
        self.model.hold(found, held)
        self.model.durable = self.log.synced_offset
        self.allowed = self.model.as_it_is()
        self.ask_for_senders()
        check_committed(self.log, self.model)

    def look(self) -> Found:
        """All data that is in it, after every search was compared with it."""
        found = look(self.log)
        wrong = list(disagreements(self.log, found))
        assert not wrong, wrong
        data = without_markers(found)
        assert data.read == data.records
        return data

    def audit(self) -> None:
        """It holds what the list says."""
        found = self.look()
        assert list(found.records) == self.model.records
        assert [batch[:2] for batch in stored_batches(self.log, found)] == [batch[:2] for batch in self.model.batches]
        check_committed(self.log, self.model)

    # Appending.

    def append(self, timestamp_ms: int, key: bytes | None, value: bytes | None) -> None:
        """One record."""
        asked = self.ask([Record(0, timestamp_ms, key, value)])
        self.appended(asked, self.log.append(value, key=key, timestamp_ms=timestamp_ms))

    def append_many(self, values: Sequence[bytes], timestamp_ms: int) -> None:
        """Values in one batch."""
        asked = self.ask([Record(0, timestamp_ms, None, value) for value in values])
        self.appended(asked, self.log.append_many(values, timestamp_ms=timestamp_ms))

    def append_records(self, records: Sequence[Record], codec: Codec) -> None:
        """Records in one batch of that codec."""
        asked = self.ask(records)
        self.appended(asked, self.log.append_records(records, codec=codec))

    def produce(self, number: int, records: Sequence[Record], codec: Codec, *, begins_epoch: bool = False) -> None:
        """The next batch of an idempotent producer, and its retry: it is appended once."""
        sender = self.senders[number]
        epoch, sequence = (sender.epoch + 1, 0) if begins_epoch else (sender.epoch, sender.next_sequence)
        asked = self.ask(records)._replace(producer=(number, epoch), last_sequence=sequence + len(records) - 1)
        first = self.log.append_batch(asked.sent(codec), self.leader_epoch)
        assert not first.duplicate
        assert first[:2] == asked[:2]
        self.senders[number] = Sender(epoch, asked.last_sequence + 1, asked)
        self.written(asked)

    def written(self, asked: Batch) -> None:
        """A batch was appended as brokers do it, and is synced under `commit` only."""
        self.model.append(asked)
        if self.config.flush_policy == "commit":
            self.sync()

    def retry(self, number: int) -> None:
        """A producer did not get the answer to its last batch."""
        last = self.senders[number].last
        if last is not None:
            again = self.log.append_batch(last.sent(), self.leader_epoch)
            assert again.duplicate
            assert again[:2] == last[:2]

    def ask(self, records: Sequence[Record]) -> Batch:
        """Says what is about to be appended."""
        end = self.model.end
        numbered = tuple(record_at(record, end + index) for index, record in enumerate(records))
        asked = Batch(end, end + len(records), numbered)
        self.allowed = self.allowed._replace(batches=(*self.model.batches, asked))
        return asked

    def appended(self, asked: Batch, offset: int) -> None:
        """It was."""
        assert offset == asked.base_offset
        self.model.append(asked)
        if self.config.flush_policy == "commit":
            self.model.durable = self.model.end

    # Durability.

    def sync(self) -> None:
        """All that was appended."""
        self.log.sync()
        self.model.durable = self.model.end

    def checkpoint(self) -> None:
        """All that the next opening wants."""
        self.log.checkpoint()
        assert self.log.synced_offset == self.log.recovery_point == self.model.end
        self.model.durable = self.model.end

    def rest(self) -> None:
        """The files are closed until somebody looks."""
        self.checkpoint()
        self.log.rest()

    def in_background(self) -> None:
        """What rotations, deletions and the clock left to do."""
        self.flusher.turn()
        self.flusher.pending.run()
        self.log.clean()

    # Cutting.

    def truncate(self, offset: int) -> None:
        """The end goes."""
        end = self.model.boundary(offset)
        self.allowed = self.allowed.cut_at(end)
        assert self.log.truncate(offset) == end
        self.model.cut(end)
        self.ask_for_senders()

    def truncate_before(self, offset: int) -> None:
        """The beginning goes."""
        self.allowed = self.allowed._replace(starts=self.allowed.starts | {offset})
        self.log.truncate_before(offset)
        self.begin_at(offset)

    def retain(self, high_watermark: int) -> None:
        """What has outlived its retention goes, by whole segments."""
        segments = [(segment.base_offset, segment.next_offset, segment.size_bytes) for segment in self.log.segments]
        ends = {end for _, end, _ in segments if self.model.start <= end <= high_watermark}
        self.allowed = self.allowed._replace(starts=self.allowed.starts | ends)
        self.log.retain(high_watermark)
        start = self.log.start_offset
        assert start in {self.model.start, *ends}
        left_bytes = sum(size for *_, size in segments)
        for base, end, size_bytes in segments if start > self.model.start else ():
            if end <= start:
                left_bytes -= size_bytes
                self.check_outlived(
                    [record for record in self.model.records if base <= record.offset < end], left_bytes
                )
        self.begin_at(start)

    def check_outlived(self, records: Sequence[Record], left_bytes: int) -> None:
        """A segment with these records was too old, or too much."""
        now = self.clock.now_ms()
        is_old = all(0 <= self.config.retention_ms < now - record.timestamp_ms for record in records)
        assert is_old or 0 <= self.config.retention_bytes <= left_bytes

    def begin_at(self, start: int) -> None:
        """The log begins there, and what is left of it is durable up to there."""
        if start > self.model.start:
            self.model.begin_at(start)
            self.model.durable = max(self.model.durable, start)

    def compact(self, upto: int | None) -> None:
        """Closed segments lose what is outdated."""
        active = self.log.segments[-1].base_offset
        self.allowed = self.allowed._replace(compacts_below=active)
        self.model.is_compacted = True
        before = [batch.since(self.model.start) for batch in self.model.batches]
        cleaner = CleanerConfig(
            dedupe_buffer_bytes=self.entries * ENTRY_SIZE_BYTES, load_factor=1.0, io_buffer_bytes=700
        )
        tools = Tools(cleaner, disk=self.disk, clock=self.clock, stop=Unhurried())
        result = Compactor(self.log, tools, self.compaction).compact(self.clock.now_ms(), upto)
        found = self.look()
        check_compacted(before, found.records, clean_below=result.first_dirty, dirty_from=result.first_dirty)
        check_aborted_are_gone(before, found.records, below=result.first_dirty if result.rounds else 0)
        held = stored_batches(self.log, found)
        assert {batch[:2] for batch in held} <= {batch[:2] for batch in before}
        self.model.hold(found, held)
        check_committed(self.log, self.model)

    def delete(self) -> None:
        """All of it goes, and a log of the same name begins."""
        self.allowed = self.allowed._replace(deletes=True)
        self.log.delete()
        self.flusher.pending.run()
        self.model = LogModel()
        self.allowed = self.model.as_it_is()
        self.senders = {number: Sender() for number in PRODUCERS}
        self.transactors = Transactors()
        self.open()

    # Reading.

    def read_range(self, offset: int, max_bytes: int, limit: int) -> None:
        """Whole batches from the one with `offset` on, below `limit`."""
        model = self.model
        if not model.start <= offset <= model.end:
            try:
                self.log.read_range(offset, max_bytes)
            except OffsetOutOfRange:
                return
            raise AssertionError(f"{offset} is outside of [{model.start}, {model.end})")
        found = self.log.read_range(offset, max_bytes, end_offset=limit)
        first = model.first_filled(offset)
        if offset >= limit or first is None or first.base_offset >= limit:
            assert found is None
            return
        assert found is not None
        headers = [header for header, _ in batches(found.file.view(found.start, found.end))]
        held = [batch[:2] for batch in model.batches if batch.base_offset >= first.base_offset]
        assert [(header.base_offset, header.next_offset) for header in headers] == held[: len(headers)]
        assert headers[-1].next_offset <= limit
        assert found.end - found.start <= max(max_bytes, headers[0].size_bytes)
        assert found.end - found.start == sum(header.size_bytes for header in headers)

    def find(self, timestamp_ms: int) -> None:
        """The first record of that time or later."""
        later = [record.offset for record in self.model.records if record.timestamp_ms >= timestamp_ms]
        later += [batch.base_offset for batch in self.model.batches if batch.marked_ms >= timestamp_ms]
        assert self.log.find_offset(timestamp_ms=timestamp_ms) == (min(later) if later else None)

    # Producers.

    def ask_for_senders(self) -> None:
        """What the log knows of its producers after their last batches may have gone, and that it knows enough."""
        for number in PRODUCERS:
            known = self.log.producers.find(number)
            last = self.model.last_of(number)
            if last is not None:
                assert known is not None, f"producer {number} is forgotten"
                place = known.epoch, known.batches[-1].last_sequence
                assert place >= last.sequence, f"producer {number} is known only up to {place}"
                assert self.model.is_compacted or place == last.sequence
            if known is None:
                self.senders[number] = Sender()
                continue
            newest = known.batches[-1]
            same = last if last is not None and last.base_offset == newest.base_offset else None
            self.senders[number] = Sender(known.epoch, newest.last_sequence + 1, same)
        self.transactors.resume(self.log.producers, self.model)


def stored_batches(log: Log, found: Found) -> list[Batch]:
    """The batches as they lie in the stores, those without records, too."""
    held = []
    for segment in log.segments:
        for position, header in segment.store.headers(0, segment.size_bytes):
            if header.next_offset > found.start_offset:
                marker = marker_at(segment.store.file.read(header.size_bytes, position), header)
                held.append(Batch.of(header, found.records, marker))
    return held


def without_markers(found: Found) -> Found:
    """The same without the records that end transactions, which no reader is given."""
    markers = {header.base_offset for header in found.batches if header.is_control}
    return replace(found, records=tuple(record for record in found.records if record.offset not in markers))


class Unhurried:
    """An event that is never set; waiting for it takes no time."""

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float | None = None) -> bool:
        return False
