"""The log against a list: any sequence of what can be done to one, on a disk in memory and on a real one."""

from __future__ import annotations

import shutil
import tempfile

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cordwood.env.disk import LocalDisk
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.model.errors import OffsetOutOfRange
from cordwood.records.batch import Codec, batches
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock

values = st.binary(max_size=60)
timestamps = st.integers(0, 50)
rows = st.lists(st.tuples(timestamps, st.none() | st.binary(max_size=5), st.none() | values), min_size=1, max_size=5)


class LogMachine(RuleBasedStateMachine):
    """What stands in the log: for each offset the timestamp, key and value; and where its batches begin."""

    def __init__(self):
        super().__init__()
        self.disk, self.path = self.place()
        self.clock = SimClock()
        self.background = SimBackground()
        self.config = LogConfig(flush_policy="os", segment_bytes=700, index_interval_bytes=150)
        self.rows = {}
        self.batches = []
        self.start = 0
        self.end = 0
        self.sequence = 0
        self.sequences = {}
        self.log = self.open()

    def place(self):
        disk = MemoryDisk()
        disk.make_directory("/mem")
        return disk, "/mem/log"

    def open(self):
        flusher = Flusher(self.background, self.clock)
        return Log.open(self.path, self.config, disk=self.disk, clock=self.clock, flusher=flusher, lock=False)

    def appended(self, offset, new):
        assert offset == self.end
        self.batches.append(offset)
        for row in new:
            self.rows[self.end] = row
            self.end += 1

    @rule(row=st.tuples(timestamps, st.none() | values, st.none() | values))
    def append(self, row):
        self.appended(self.log.append(row[2], key=row[1], timestamp_ms=row[0]), [row])

    @rule(new=st.lists(values, min_size=1, max_size=8), timestamp=timestamps)
    def append_many(self, new, timestamp):
        self.appended(self.log.append_many(new, timestamp_ms=timestamp), [(timestamp, None, value) for value in new])

    @rule(new=rows, codec=st.sampled_from(Codec))
    def append_records(self, new, codec):
        self.appended(self.log.append_records([Record(0, *row) for row in new], codec=codec), new)

    @rule(new=rows, epoch=st.integers(0, 3), again=st.booleans())
    def append_batch(self, new, epoch, again):
        data = build_batch(
            [Record(0, *row) for row in new], producer_id=5, producer_epoch=0, base_sequence=self.sequence
        )
        first = self.log.append_batch(memoryview(bytearray(data)), epoch)
        self.appended(first.base_offset, new)
        assert first.next_offset == self.end
        self.sequence += len(new)
        self.sequences[first.base_offset] = self.sequence
        if again:
            assert self.log.append_batch(memoryview(bytearray(data)), epoch) == first._replace(duplicate=True)

    @rule(times=st.integers(1, 40))
    def append_much(self, times):
        for _ in range(times):
            self.append((1, None, b"." * 20))

    @precondition(lambda self: self.end > self.start)
    @rule(data=st.data())
    def truncate(self, data):
        offset = data.draw(st.integers(self.start, self.end))
        whole = [base for base in self.batches if base <= offset] or [0]
        end = offset if offset == self.end else max(whole[-1], self.start)
        assert self.log.truncate(offset) == end
        self.rows = {number: row for number, row in self.rows.items() if number < end}
        self.batches = [base for base in self.batches if base < end]
        self.sequences = {base: sequence for base, sequence in self.sequences.items() if base < end}
        self.end = end
        # Of a batch that was deleted at the beginning the producers may still know.
        last = max((base for base in self.sequences if base >= self.start), default=None)
        producer = self.log.producers.find(5)
        if last is not None:
            assert producer.batches[-1].last_sequence == self.sequences[last] - 1
        self.sequence = producer.batches[-1].last_sequence + 1 if producer is not None else 0

    @rule(data=st.data())
    def truncate_before(self, data):
        offset = data.draw(st.integers(self.start, self.end))
        self.log.truncate_before(offset)
        self.start = offset
        self.rows = {number: row for number, row in self.rows.items() if number >= offset}

    @rule(cleanly=st.booleans())
    def reopen(self, cleanly):
        if cleanly:
            self.log.close()
        self.log = self.open()

    @rule()
    def settle(self):
        self.log.checkpoint()
        assert self.log.synced_offset == self.log.recovery_point == self.end

    @rule()
    def in_background(self):
        self.background.run()

    @rule(timestamp=st.integers(0, 51))
    def find(self, timestamp):
        later = [number for number, row in self.rows.items() if row[0] >= timestamp]
        assert self.log.find_offset(timestamp_ms=timestamp) == (min(later) if later else None)

    @rule(data=st.data())
    def read(self, data):
        offset = data.draw(st.integers(self.start, self.end))
        found = [(record.offset, (record.timestamp_ms, record.key, record.value)) for record in self.log.read(offset)]
        assert found == [(number, self.rows[number]) for number in range(offset, self.end)]

    @rule(data=st.data(), max_bytes=st.integers(0, 1000))
    def read_range(self, data, max_bytes):
        offset = data.draw(st.integers(self.start - 1, self.end + 1))
        limit = data.draw(st.sampled_from([*self.batches, self.end]))
        if not self.start <= offset <= self.end:
            try:
                self.log.read_range(offset, max_bytes)
            except OffsetOutOfRange:
                return
            raise AssertionError(f"{offset} is outside of [{self.start}, {self.end})")
        range_ = self.log.read_range(offset, max_bytes, end_offset=limit)
        if offset >= limit:
            assert range_ is None
            return
        headers = [header for header, _ in batches(range_.file.view(range_.start, range_.end))]
        assert headers[0].base_offset == range_.base_offset == max(base for base in self.batches if base <= offset)
        assert headers[-1].next_offset <= limit
        assert range_.end - range_.start <= max(max_bytes, headers[0].size_bytes)
        assert range_.end - range_.start == sum(header.size_bytes for header in headers)

    @invariant()
    def bounds(self):
        assert (self.log.start_offset, self.log.end_offset) == (self.start, self.end)

    def teardown(self):
        self.log.close()


class LocalLogMachine(LogMachine):
    """The same on the disk of the operating system."""

    def place(self):
        self.folder = tempfile.mkdtemp(prefix="cordwood-")
        return LocalDisk(), f"{self.folder}/log"

    def teardown(self):
        super().teardown()
        shutil.rmtree(self.folder)


TestLogInMemory = LogMachine.TestCase
TestLogInMemory.settings = settings(max_examples=60, stateful_step_count=40)
TestLogOnDisk = LocalLogMachine.TestCase
TestLogOnDisk.settings = settings(max_examples=10, stateful_step_count=30)
