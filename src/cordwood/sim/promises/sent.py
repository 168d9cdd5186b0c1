"""Nothing is invented: every batch was sent by somebody, to the byte, and offsets have no gaps.

Lives here: that promise. Must not live here: what must be there; see `acknowledged`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.sim.promises.notes import Sent, Stored


def invented(sent: Sequence[Sent], stored: Sequence[Stored]) -> Iterator[str]:
    """The batches that nobody sent so, and those that do not begin where the one before them ends."""
    known = {batch.key: batch.values for batch in sent}
    next_offset = 0
    for batch in stored:
        if known.get(batch.key) != batch.values:
            yield f"invented: {batch.key} at {batch.header.base_offset} was never sent so"
        if batch.header.base_offset != next_offset:
            yield f"invented: a batch begins at {batch.header.base_offset} where {next_offset} is next"
        next_offset = batch.header.next_offset
