"""Statistics of logs: how much there is, how it is packed, who wrote it.

Headers tell all of it but how well the records are compressed; for that a part of each codec's batches is decompressed.

Lives here: counting. Must not live here: checking (verify.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from cordwood.log.backend import FileKind
from cordwood.log.compaction.first_dirty import COMPACTION_NAME, load_first_dirty
from cordwood.log.store import Store
from cordwood.log.tools.files import LogFiles
from cordwood.model.errors import CorruptLog, InvalidBatch, StorageFailed
from cordwood.model.limits import DECOMPRESSED_SIZE_LIMIT_BYTES
from cordwood.records.batch import HEADER_SIZE, Codec
from cordwood.records.compression import decompress

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.env.disk import Disk
    from cordwood.records.batch import BatchHeader

SAMPLE_BYTES: Final = 16 << 20
"""So much is decompressed of each codec in a log, and the rest taken to be like it."""
ATTEMPTS: Final = 5
"""How often a log whose files go away meanwhile is counted."""

_SUMS: Final = (
    "logs",
    "segments",
    "size_bytes",
    "index_bytes",
    "batches",
    "records",
    "control_batches",
    "transactional_batches",
    "producers",
    "closed_bytes",
    "dirty_bytes",
)


class CodecStats(Struct):
    """The batches of one codec."""

    batches: int = 0
    records: int = 0
    size_bytes: int = 0
    sampled_bytes: int = 0
    """Compressed size of the records that were decompressed ..."""
    decompressed_bytes: int = 0
    """... and what they were before."""

    @property
    def ratio(self) -> float | None:
        """How many times smaller the codec made the records, or None when nothing was looked at."""
        return self.decompressed_bytes / self.sampled_bytes if self.sampled_bytes else None

    def add(self, other: CodecStats) -> None:
        """Adds the numbers of another log."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class LogStats(Struct, tag_field="type", tag="stats"):
    """One log, or several together."""

    path: str
    logs: int = 1
    segments: int = 0
    size_bytes: int = 0
    """The batches."""
    index_bytes: int = 0
    batches: int = 0
    records: int = 0
    control_batches: int = 0
    transactional_batches: int = 0
    producers: int = 0
    """How many producer ids wrote batches that are still there; those of several logs are added up."""
    first_timestamp: int | None = None
    """The smallest base timestamp."""
    last_timestamp: int | None = None
    """The largest timestamp."""
    codecs: dict[str, CodecStats] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    """Files that were not counted to their end, because they cannot be read on."""
    closed_bytes: int = 0
    """Of segments that are closed, in logs that are compacted ..."""
    dirty_bytes: int = 0
    """... and of those among them that were not compacted yet."""

    @property
    def batch_bytes(self) -> float:
        """The average size of a batch."""
        return self.size_bytes / self.batches if self.batches else 0.0

    @property
    def index_ratio(self) -> float:
        """Bytes of indexes for a byte of store."""
        return self.index_bytes / self.size_bytes if self.size_bytes else 0.0

    @property
    def dirty_ratio(self) -> float | None:
        """Which part of the closed segments was not compacted yet; None where nothing was ever compacted."""
        return self.dirty_bytes / self.closed_bytes if self.closed_bytes else None

    def add(self, other: LogStats) -> None:
        """Adds the numbers of another log."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for codec, stats in other.codecs.items():
            self.codecs.setdefault(codec, CodecStats()).add(stats)
        self.damaged += other.damaged
        self._reach(other.first_timestamp, other.last_timestamp)

    def count(self, header: BatchHeader) -> CodecStats:
        """Counts a batch; returns the numbers of its codec."""
        self.batches += 1
        self.size_bytes += header.size_bytes
        self.records += header.record_count
        self.control_batches += header.is_control
        self.transactional_batches += header.is_transactional
        if header.base_timestamp >= 0 and not header.has_delete_horizon:
            self._reach(header.base_timestamp, None)
        if header.latest_timestamp >= 0:
            self._reach(None, header.latest_timestamp)
        codec = self.codecs.setdefault(header.codec.name.lower(), CodecStats())
        codec.batches += 1
        codec.records += header.record_count
        codec.size_bytes += header.size_bytes
        return codec

    def _reach(self, first: int | None, last: int | None) -> None:
        if first is not None and (self.first_timestamp is None or first < self.first_timestamp):
            self.first_timestamp = first
        if last is not None and (self.last_timestamp is None or last > self.last_timestamp):
            self.last_timestamp = last


def log_stats(disk: Disk, path: str, progress: Callable[[int], None] | None = None) -> LogStats:
    """The statistics of the log in the directory `path`. `progress` is told the bytes counted. Raises StorageFailed.

    When files go away meanwhile, the counting begins anew.
    """
    for _ in range(ATTEMPTS - 1):
        files = LogFiles.look(disk, path)
        try:
            return _count(disk, files, progress)
        except StorageFailed:
            if LogFiles.look(disk, path) == files:
                raise
            continue
    return _count(disk, LogFiles.look(disk, path), progress)


def _count(disk: Disk, files: LogFiles, progress: Callable[[int], None] | None) -> LogStats:
    stats = LogStats(files.path)
    producers: set[int] = set()
    for base in files.stores:
        try:
            _count_segment(disk, files, base, stats, producers, progress)
        except CorruptLog as error:
            stats.damaged.append(f"{error.path} at byte {error.position}: {error.reason}")
        stats.segments += 1
    stats.producers = len(producers)
    if COMPACTION_NAME in files.names:
        _count_dirty(disk, files, stats)
    return stats


def _count_dirty(disk: Disk, files: LogFiles, stats: LogStats) -> None:
    first_dirty = load_first_dirty(disk, files.path)
    for base in files.stores[:-1]:
        size = _size(disk, files.path_of(base, FileKind.STORE))
        stats.closed_bytes += size
        stats.dirty_bytes += size if base >= first_dirty else 0


def _count_segment(
    disk: Disk,
    files: LogFiles,
    base: int,
    stats: LogStats,
    producers: set[int],
    progress: Callable[[int], None] | None,
) -> None:
    for kind in (FileKind.INDEX, FileKind.TIME_INDEX, FileKind.ABORTED):
        if files.has(base, kind):
            stats.index_bytes += _size(disk, files.path_of(base, kind))
    store = Store(disk.open(files.path_of(base, FileKind.STORE)))
    try:
        for position, header in store.headers(0, store.size_bytes):
            if position + header.size_bytes > store.size_bytes:
                break  # An append that is under way.
            codec = stats.count(header)
            if header.producer_id >= 0:
                producers.add(header.producer_id)
            if header.codec is not Codec.NONE and codec.decompressed_bytes < SAMPLE_BYTES:
                _sample(store, position, header, codec)
            if progress is not None:
                progress(header.size_bytes)
    finally:
        store.file.close()


def _sample(store: Store, position: int, header: BatchHeader, codec: CodecStats) -> None:
    size = header.size_bytes - HEADER_SIZE
    try:
        data = decompress(header.codec, store.file.read(size, position + HEADER_SIZE), DECOMPRESSED_SIZE_LIMIT_BYTES)
    except InvalidBatch as error:
        raise CorruptLog(store.path, position, error.reason) from error
    codec.sampled_bytes += size
    codec.decompressed_bytes += len(data)


def _size(disk: Disk, path: str) -> int:
    file = disk.open(path)
    try:
        return file.size()
    finally:
        file.close()
