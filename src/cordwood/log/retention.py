"""Which of a log's oldest segments have outlived their retention.

Lives here: the rule, as arithmetic over facts. Must not live here: the segments themselves, the clock, the deletion.

The rules are Kafka's (retention.ms, retention.bytes):

1. Segments go whole and from the oldest on; the first one that stays keeps all after it.
2. By time a segment goes when its newest record is older than `retention_ms`.
3. By size a segment goes while what is left without it is still at least `retention_bytes`.
4. What is not below the high watermark stays, and so does the active segment, which is closed first when it is outlived.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class SegmentFacts(NamedTuple):
    """What the rule looks at: [base_offset, next_offset), bytes of batches, time of the newest record."""

    next_offset: int
    size_bytes: int
    latest_ms: int


def is_outlived(latest_ms: int, retention_ms: int, now_ms: int) -> bool:
    """Whether records of that time are older than the retention; -1 keeps them for ever."""
    return 0 <= retention_ms < now_ms - latest_ms


def outlived(
    closed: Iterable[SegmentFacts],
    *,
    total_bytes: int,
    high_watermark: int,
    retention_ms: int,
    retention_bytes: int,
    now_ms: int,
) -> int:
    """How many of the closed segments, the oldest first, have to go.

    `total_bytes` is the size of the whole log, the active segment included; a retention of -1 has no bound.
    """
    count = 0
    for facts in closed:
        if facts.next_offset > high_watermark:
            break
        is_surplus = 0 <= retention_bytes <= total_bytes - facts.size_bytes
        if not (is_outlived(facts.latest_ms, retention_ms, now_ms) or is_surplus):
            break
        total_bytes -= facts.size_bytes
        count += 1
    return count
