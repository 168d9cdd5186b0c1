"""No batch of an idempotent producer is there twice, and none of its records overtakes another.

Lives here: that property. Must not live here: whether the log would recognise a retry; the caller tries that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.sim.found import Found


def duplicates(found: Found) -> Iterator[str]:
    """The batches whose sequences do not follow those before them, by producer and epoch."""
    expected: dict[tuple[int, int], int] = {}
    for batch in found.batches:
        if batch.producer_id < 0:
            continue
        producer = batch.producer_id, batch.producer_epoch
        wanted = expected.get(producer, batch.base_sequence)
        if batch.base_sequence != wanted:
            name = f"producer {batch.producer_id} of epoch {batch.producer_epoch}"
            yield f"duplicates: {name} has sequence {batch.base_sequence} at {batch.base_offset} where {wanted} is next"
        expected[producer] = (batch.last_sequence + 1) & 0x7FFF_FFFF
