"""What the tests of compaction share: logs of keyed records, and what must be true of a compacted one."""

from __future__ import annotations

from cordwood.env.dice import SeededDice
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CleanerConfig, CompactionConfig
from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES
from cordwood.log.compaction.tools import Tools
from cordwood.log.config import LogConfig
from cordwood.records.batch import Codec, parse_header
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.checkers import disagreements
from cordwood.sim.found import look
from cordwood.sim.history import record_at
from tests.log.kit import World

CONFIG = LogConfig(flush_policy="os", segment_bytes=1000, index_interval_bytes=200)
DAY_MS = 24 * 60 * 60 * 1000


class Stopper:
    """An event that nobody waits for: time stands still in these tests."""

    def __init__(self):
        self.waits = []
        self.stops_after = None

    def is_set(self):
        return self.stops_after is not None and len(self.waits) >= self.stops_after

    def wait(self, timeout):
        self.waits.append(timeout)
        return self.is_set()


class Workshop(World):
    """A world with a log whose appends are noted, and what it takes to compact it."""

    def __init__(self, config=CONFIG, disk=None, *, entries=10_000, compaction=None, path="/mem/log"):
        super().__init__(config, disk, path)
        self.stopper = Stopper()
        cleaner = CleanerConfig(dedupe_buffer_bytes=entries * ENTRY_SIZE_BYTES, load_factor=1.0, io_buffer_bytes=700)
        self.tools = Tools(cleaner, disk=self.disk, clock=self.clock, stop=self.stopper)
        self.compaction = compaction or CompactionConfig()
        self.appended = []
        self.log = self.open()

    def compactor(self, **options):
        """For the log as it is open now."""
        return Compactor(self.log, self.tools, self.compaction, **options)

    def compact(self, upto=None, **options):
        """Compacts all, or what lies below `upto`."""
        return self.compactor(**options).compact(self.clock.now_ms(), upto)

    def reopen(self):
        """Closes and opens the log."""
        self.log.close()
        self.log = self.open()

    def append(self, *pairs, codec=Codec.NONE, timestamp_ms=1000, headers=(), **options):
        """One batch of keys and values; a value of None is a tombstone."""
        records = [Record(0, timestamp_ms + number, key, value, headers) for number, (key, value) in enumerate(pairs)]
        return self.append_records(records, codec=codec, **options)

    def append_records(self, records, *, codec=Codec.NONE, **options):
        """One batch as a broker appends it."""
        data = build_batch(records, codec=codec, **options)
        base_offset = self.log.append_batch(memoryview(bytearray(data)), 0).base_offset
        self.appended += [record_at(record, base_offset + number) for number, record in enumerate(records)]
        return base_offset

    def fill(self, count=60, keys=7, seed=1, codecs=tuple(Codec), tombstones=6):
        """Batches of every codec with keys of all lengths."""
        dice = SeededDice(seed)
        for _ in range(count):
            pairs = []
            for _ in range(1 + dice.below(4)):
                number = dice.below(keys)
                value = None if dice.below(tombstones) == 0 else b"%d:" % len(self.appended) + b"v" * dice.below(60)
                pairs.append((b"key-%d" % number + b"k" * (number * 15), value))
            self.append(*pairs, codec=codecs[dice.below(len(codecs))], timestamp_ms=1000 + dice.below(500))

    def roll(self):
        """Closes the active segment, by a record that has a key of its own."""
        count = self.log.segment_count
        while self.log.segment_count == count:
            self.append((b"roll-%d" % len(self.appended), b"." * 100))

    @property
    def found(self):
        """Everything that the log holds."""
        return look(self.log)

    @property
    def headers(self):
        """The headers of all batches, the closed segments' only."""
        return [
            header for segment in self.log.segments[:-1] for _, header in segment.store.headers(0, segment.size_bytes)
        ]

    def batch_at(self, base_offset):
        """The header and the bytes of a stored batch."""
        for segment in self.log.segments:
            for position, header in segment.store.headers(0, segment.size_bytes):
                if header.base_offset == base_offset:
                    return header, segment.store.file.read(header.size_bytes, position)
        raise AssertionError(f"there is no batch at {base_offset}")

    def check(self, *, clean_below, start_offset=0):
        """What must be true at any time, and of all below `clean_below`."""
        found = self.found
        check_records(self.appended, found.records, clean_below=clean_below, start_offset=start_offset)
        data = [record for batch in found.batches for record in [batch] if batch.is_control]
        assert data or found.read == found.records
        assert not list(disagreements(self.log, found))


def check_records(appended, records, *, clean_below=0, dirty_from=None, start_offset=0):
    """`records` are what is left of `appended` and keep the newest of each key.

    Below `clean_below` keys are unique; from `dirty_from` on, or else from there on, all is left as it was.
    """
    dirty_from = clean_below if dirty_from is None else dirty_from
    by_offset = {record.offset: record for record in appended if record.offset >= start_offset}
    offsets = [record.offset for record in records]
    assert offsets == sorted(set(offsets)), "offsets grow"
    assert all(by_offset.get(record.offset) == record for record in records), "nothing is invented"
    assert state_of(records) == state_of(by_offset.values()), "a reader ends with the same values"
    left = set(offsets)
    assert all(offset in left for offset in by_offset if offset >= dirty_from), "what is dirty is left alone"
    clean = [record for record in records if record.offset < clean_below]
    newest = {record.key: record.offset for record in by_offset.values() if record.offset < clean_below}
    assert all(record.key is not None and newest[record.key] == record.offset for record in clean), "keys are unique"


def state_of(records):
    """What somebody knows who has read everything: the values by key."""
    state = {}
    for record in records:
        if record.key is not None:
            state[record.key] = record
    return {key: record for key, record in state.items() if record.value is not None}


def header_of(data):
    """The header of a batch."""
    return parse_header(data)
