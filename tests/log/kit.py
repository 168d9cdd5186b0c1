"""What the tests of the log share: batches, logs on a memory disk, and the pieces of one."""

from __future__ import annotations

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.backend import DirectoryBackend
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.log import Log
from cordwood.log.segment import Segment
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock

PATH = "/mem/log"
OS = LogConfig(flush_policy="os")
SMALL = LogConfig(flush_policy="os", segment_bytes=1000, index_interval_bytes=200)


def records(count, *, size=10, timestamp_ms=1000, start=0):
    """Records whose values say their number."""
    return [
        Record(number, timestamp_ms + number, None, b"%d" % number + b"." * size)
        for number in range(start, start + count)
    ]


def batch(count=1, **options):
    """A batch as a producer sends it, in a writable view."""
    fields = {name: options.pop(name) for name in ("size", "timestamp_ms", "start") if name in options}
    return memoryview(bytearray(build_batch(records(count, **fields), **options)))


def produced(producer_id, epoch, sequence, count=1, **options):
    """A batch of an idempotent producer."""
    return batch(count, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence, **options)


def values(log, start=None):
    """What a reader sees: offsets and values."""
    return [(record.offset, record.value) for record in log.read(start)]


class World:
    """A memory disk, a clock and a background that works when told; opens and reopens one log."""

    def __init__(self, config=OS, disk=None, path=PATH):
        self.disk = disk or MemoryDisk()
        self.disk.make_directory(path)
        self.path = path
        self.clock = SimClock()
        self.background = SimBackground()
        self.config = config

    def open(self, config=None):
        """The log."""
        flusher = Flusher(self.background, self.clock)
        return Log.open(self.path, config or self.config, disk=self.disk, clock=self.clock, flusher=flusher, lock=False)

    def file(self, name):
        """An open file of the log's directory."""
        return self.disk.open(f"{self.path}/{name}")

    def store(self, base_offset=0):
        """The store file of a segment."""
        return self.file(f"{base_offset:020d}.log")

    def content(self, name):
        """The bytes of a file."""
        file = self.file(name)
        return file.read(file.size(), 0)

    def replace(self, name, data):
        """Other bytes for a file."""
        file = self.disk.open(f"{self.path}/{name}", create=True)
        file.truncate(0)
        file.write([data], 0)

    def names(self, suffix=""):
        """The files of the log with that suffix."""
        return [name for name in self.disk.list(self.path) if name.endswith(suffix)]

    def backend(self):
        """The storage of the segments."""
        return DirectoryBackend(self.disk, self.path)

    def segment(self, base_offset=0, interval_bytes=100):
        """A fresh segment."""
        return Segment.create(self.backend(), base_offset, interval_bytes, created_ms=0)
