"""Offsets are contiguous from the log's start to its end, whichever way it is read, and its start is where it was put.

Lives here: that property. Must not live here: what the records hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.found import Found
    from cordwood.sim.history import History


def disorder(history: History, found: Found) -> Iterator[str]:
    """Gaps, repetitions, and ends that are not where they should be."""
    start, end = found.start_offset, found.end_offset
    offsets = [record.offset for record in found.records]
    if offsets != list(range(start, end)):
        yield f"disorder: the log says that it holds {start} to {end}, its batches hold {offsets}"
    if found.read != found.records:
        yield f"disorder: read() gives {found.read} where the batches hold {found.records}"
    if start not in {history.start_offset, history.start_offset_asked}:
        yield f"disorder: the log begins at {start}, it was asked to begin at {history.start_offset_asked}"
    for before, after in zip(found.batches, found.batches[1:], strict=False):
        if before.next_offset != after.base_offset:
            yield f"disorder: a batch ends at {before.next_offset}, the next one begins at {after.base_offset}"
