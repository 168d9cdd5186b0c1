"""What is known of a log at rest, whose files are closed and whose parts are not in memory.

Lives here: the values, and what follows from them alone. Must not live here: going to rest and waking (resting.py), where
they are kept while no program runs (register.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.retention import is_outlived
from cordwood.model.ids import NO_TOPIC_ID

if TYPE_CHECKING:
    from cordwood.log.config import LogConfig
    from cordwood.log.segment import Segment
    from cordwood.log.segments import Segments


def latest_ms(segment: Segment) -> int:
    """When the newest record of a segment was made; one without timestamps is as old as its file."""
    latest = segment.indexes.latest_timestamp
    return latest if latest >= 0 else segment.created_ms


class AtRest(NamedTuple):
    """A log of which everything is on the device and in its checkpoints, and no transaction is open."""

    topic_id: bytes = NO_TOPIC_ID
    start_offset: int = 0
    end_offset: int = 0
    size_bytes: int = 0
    segment_count: int = 1
    active_base: int = 0
    active_bytes: int = 0
    oldest_bytes: int = 0
    oldest_ms: int = 0
    """When the newest record of the oldest segment was made."""
    is_made: bool = True
    """Whether there is a directory. A log that never had anything in it needs none."""

    @classmethod
    def of(cls, segments: Segments, topic_id: bytes, start_offset: int) -> AtRest:
        """Of a log with these segments. Raises CorruptLog, StorageFailed."""
        oldest, active = segments.all[0], segments.active
        return cls(
            topic_id=topic_id,
            start_offset=start_offset,
            end_offset=active.next_offset,
            size_bytes=sum(segment.size_bytes for segment in segments.all),
            segment_count=len(segments.all),
            active_base=active.base_offset,
            active_bytes=active.size_bytes,
            oldest_bytes=oldest.size_bytes,
            oldest_ms=latest_ms(oldest) if oldest.size_bytes else 0,
        )

    def has_outlived(self, config: LogConfig, now_ms: int) -> bool:
        """Whether retention has something to remove (retention.py)."""
        if not self.size_bytes:
            return False
        is_surplus = self.segment_count > 1 and 0 <= config.retention_bytes <= self.size_bytes - self.oldest_bytes
        return is_surplus or is_outlived(self.oldest_ms, config.retention_ms, now_ms)


UNMADE: Final = AtRest(is_made=False)
"""A log that was never touched."""
