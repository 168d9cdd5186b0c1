"""Each batch of an idempotent producer is there once, those of one producer in the order in which they were sent.

Lives here: that promise. Must not live here: whether all are there; see `acknowledged`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordwood.sim.promises.notes import Stored


def repeated(stored: Sequence[Stored]) -> Iterator[str]:
    """The batches that do not follow the one before them of the same producer, from sequence 0 on, without a gap."""
    expected: dict[tuple[int, int], int] = {}
    for batch in stored:
        producer_id, epoch, sequence = batch.key
        wanted = expected.get((producer_id, epoch), 0)
        if sequence != wanted:
            where = f"at {batch.header.base_offset}"
            yield f"order: producer {producer_id} has sequence {sequence} {where} where {wanted} is next"
        expected[producer_id, epoch] = sequence + len(batch.values)
