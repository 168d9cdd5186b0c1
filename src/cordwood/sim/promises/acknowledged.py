"""Nothing acknowledged is lost: it is there, whole, and at the offset that was told.

Lives here: that promise. Must not live here: whether anything else is there; see `sent`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.sim.promises.notes import Acknowledged, Stored


def lost(acknowledged: Sequence[Acknowledged], stored: Sequence[Stored]) -> Iterator[str]:
    """The batches that were acknowledged and are not there as they were sent."""
    there = {batch.key: batch for batch in stored}
    for sent, offset in acknowledged:
        batch = there.get(sent.key)
        if batch is None:
            yield f"lost: {sent.key} was acknowledged at {offset} and is nowhere"
        elif batch.values != sent.values:
            yield f"lost: {sent.key} was acknowledged at {offset} and holds other records now"
        elif offset is not None and batch.header.base_offset != offset:
            yield f"lost: {sent.key} was acknowledged at {offset} and is at {batch.header.base_offset}"
