"""What of a log is dirty, how badly, and which of its segments may be compacted.

      start_offset                first_dirty                    limit                       end_offset
      |<-- clean: keys are unique -->|<-- dirty, may be compacted -->|<-- must not be touched --->|
                                                                     active segment, above the high watermark, too young

Lives here: the arithmetic of Kafka's LogCleanerManager. Must not live here: reading batches, doing anything.

A segment is compacted whole: it is closed, ends at or below the bound that the caller gives (the high watermark, or the
first offset of an undecided transaction), and all of its records are older than `min.compaction.lag.ms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.log.compaction.config import CompactionConfig
    from cordwood.log.segment import Segment


class DirtyState(NamedTuple):
    """How much there is to compact."""

    first_dirty: int
    limit: int
    """The end of what may be compacted; at most `first_dirty` when there is nothing."""
    clean_bytes: int
    dirty_bytes: int
    must_compact: bool
    """Some of it is older than `max.compaction.lag.ms`."""

    @property
    def ratio(self) -> float:
        """The dirty part of what may be compacted."""
        total = self.clean_bytes + self.dirty_bytes
        return self.dirty_bytes / total if total else 0.0

    def is_due(self, config: CompactionConfig) -> bool:
        """Whether it is time to compact."""
        return self.dirty_bytes > 0 and (self.must_compact or self.ratio > config.min_cleanable_ratio)


def measure(
    segments: Sequence[Segment], first_dirty: int, upto: int, config: CompactionConfig, now_ms: int
) -> DirtyState:
    """The state of the segments of a log, of which the last one is active. Raises CorruptLog, StorageFailed."""
    clean_bytes = dirty_bytes = 0
    limit = first_dirty
    must_compact = False
    for segment in segments[:-1]:
        if segment.next_offset <= first_dirty:
            clean_bytes += segment.size_bytes
            continue
        if segment.next_offset > upto or _is_too_young(segment, config, now_ms):
            break
        dirty_bytes += segment.size_bytes
        limit = segment.next_offset
        must_compact = must_compact or (config.has_max_lag and _is_too_old(segment, config, now_ms))
    return DirtyState(first_dirty, limit, clean_bytes, dirty_bytes, must_compact)


def _is_too_young(segment: Segment, config: CompactionConfig, now_ms: int) -> bool:
    return config.min_lag_ms > 0 and segment.indexes.latest_timestamp > now_ms - config.min_lag_ms


def _is_too_old(segment: Segment, config: CompactionConfig, now_ms: int) -> bool:
    if not segment.size_bytes:
        return False
    return 0 <= segment.store.header_at(0).latest_timestamp < now_ms - config.max_lag_ms
