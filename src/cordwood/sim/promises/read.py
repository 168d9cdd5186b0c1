"""What was read stays: whoever reads again finds the same batch at the same offset.

Lives here: that promise. Must not live here: who may read what (the high watermark is the broker's).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.sim.promises.notes import Stored


def changed(read: Sequence[Stored], stored: Sequence[Stored]) -> Iterator[str]:
    """The batches that a reader saw and that are not there as they were."""
    there = {batch.header.base_offset: batch for batch in stored}
    for batch in read:
        if there.get(batch.header.base_offset) != batch:
            yield f"changed: {batch.key} was read at {batch.header.base_offset} and is not there any more"
