"""The settings of compaction: those of one log, and those that the logs of a program share.

Lives here: values, checked once, all mistakes at once. Must not live here: where they come from (model.settings).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordwood.log.compaction.offset_map import ENTRY_SIZE_BYTES
from cordwood.model.errors import InvalidConfig
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES, DECOMPRESSED_SIZE_LIMIT_BYTES

_DAY_MS: Final = 24 * 60 * 60 * 1000
_NO_LIMIT: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class CompactionConfig:
    """When a log is compacted and what stays. Raises InvalidConfig, which names every mistake.

    In brackets the name that Kafka's users know the setting by.
    """

    min_cleanable_ratio: float = 0.5
    """A log is compacted when more than this part of it is dirty [min.cleanable.dirty.ratio]."""
    min_lag_ms: int = 0
    """Records younger than this are left alone [min.compaction.lag.ms]."""
    max_lag_ms: int = _NO_LIMIT
    """Records older than this are compacted, whatever the ratio [max.compaction.lag.ms]."""
    delete_retention_ms: int = _DAY_MS
    """How long a tombstone stays after it was compacted for the first time [delete.retention.ms]."""

    def __post_init__(self) -> None:
        mistakes = []
        if not 0 <= self.min_cleanable_ratio <= 1:
            mistakes.append(f"min.cleanable.dirty.ratio is {self.min_cleanable_ratio}, but must lie in [0, 1]")
        if not 0 <= self.min_lag_ms <= _NO_LIMIT:
            mistakes.append(f"min.compaction.lag.ms is {self.min_lag_ms}, but must not be negative")
        if not 1 <= self.max_lag_ms <= _NO_LIMIT:
            mistakes.append(f"max.compaction.lag.ms is {self.max_lag_ms}, but must be at least 1")
        if self.min_lag_ms > self.max_lag_ms:
            mistakes.append(f"min.compaction.lag.ms ({self.min_lag_ms}) is above max.compaction.lag.ms")
        if not 0 <= self.delete_retention_ms <= _NO_LIMIT:
            mistakes.append(f"delete.retention.ms is {self.delete_retention_ms}, but must not be negative")
        if mistakes:
            raise InvalidConfig("; ".join(mistakes))

    @property
    def has_max_lag(self) -> bool:
        """Whether age alone is a reason to compact."""
        return self.max_lag_ms < _NO_LIMIT


@dataclass(frozen=True, slots=True)
class CleanerConfig:
    """What compaction may take of the machine. Raises InvalidConfig, which names every mistake."""

    dedupe_buffer_bytes: int = 128 << 20
    """The memory of the offset map; a log with more keys takes several rounds [log.cleaner.dedupe.buffer.size]."""
    load_factor: float = 0.9
    """How full the map may be; the rest is the room in which it grows [log.cleaner.io.buffer.load.factor]."""
    io_buffer_bytes: int = 512 << 10
    """How much is read and written at once, unless a batch is larger [log.cleaner.io.buffer.size]."""
    max_bytes_per_second: float = float("inf")
    """Reading and writing together [log.cleaner.io.max.bytes.per.second]."""
    backoff_ms: int = 15_000
    """How long to wait when there was nothing to compact [log.cleaner.backoff.ms]."""
    decompressed_limit_bytes: int = DECOMPRESSED_SIZE_LIMIT_BYTES
    """A batch that decompresses beyond this is not compacted, nor is its log."""

    def __post_init__(self) -> None:
        mistakes = []
        if not 0 < self.load_factor <= 1:
            mistakes.append(f"log.cleaner.io.buffer.load.factor is {self.load_factor}, but must lie in (0, 1]")
        elif self.map_entries < 1:
            mistakes.append(
                f"log.cleaner.dedupe.buffer.size is {self.dedupe_buffer_bytes}, but a key takes {ENTRY_SIZE_BYTES} bytes"
            )
        if self.io_buffer_bytes < BATCH_HEADER_SIZE_BYTES:
            mistakes.append(f"log.cleaner.io.buffer.size is {self.io_buffer_bytes}, but must hold a batch's header")
        if not self.max_bytes_per_second > 0:
            mistakes.append(f"log.cleaner.io.max.bytes.per.second is {self.max_bytes_per_second}, but must be positive")
        if self.backoff_ms < 0:
            mistakes.append(f"log.cleaner.backoff.ms is {self.backoff_ms}, but must not be negative")
        if self.decompressed_limit_bytes < 1:
            mistakes.append(f"the limit of decompression is {self.decompressed_limit_bytes}, but must be positive")
        if mistakes:
            raise InvalidConfig("; ".join(mistakes))

    @property
    def map_entries(self) -> int:
        """How many keys the offset map holds."""
        return int(self.dedupe_buffer_bytes * self.load_factor) // ENTRY_SIZE_BYTES
