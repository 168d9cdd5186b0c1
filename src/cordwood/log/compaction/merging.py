"""Which neighbouring segments become one when they are compacted, so that a log does not end up as many small ones.

Lives here: the sums. Must not live here: the copying.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.segment import RELATIVE_OFFSET_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.log.config import LogConfig
    from cordwood.log.segment import Segment


def groups(segments: Sequence[Segment], config: LogConfig) -> list[tuple[Segment, ...]]:
    """The segments in runs of neighbours; each run fits into one segment even if nothing is removed from it.

    Raises CorruptLog, StorageFailed: the indexes may have to be loaded.
    """
    found: list[list[Segment]] = []
    size_bytes = entries = 0
    for segment in segments:
        size = segment.size_bytes
        # The batch with which a merged segment goes on gets an entry at most.
        count = len(segment.indexes.offsets) + 1
        fits = (
            found
            and size_bytes + size <= config.segment_bytes
            and entries + count <= config.segment_index_entries
            and segment.next_offset - 1 - found[-1][0].base_offset <= RELATIVE_OFFSET_LIMIT
        )
        if fits:
            found[-1].append(segment)
        else:
            found.append([segment])
            size_bytes = entries = 0
        size_bytes += size
        entries += count
    return [tuple(group) for group in found]
