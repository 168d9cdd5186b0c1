"""Batches as clients send them and find them."""

from __future__ import annotations

from cordwood.records.batch import parse_header
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.promises.notes import Sent, Stored


def sent(sequence: int, count: int = 1, producer: int = 7) -> Sent:
    values = tuple(b"%d-%d" % (producer, number) for number in range(sequence, sequence + count))
    return Sent(producer, 0, sequence, values)


def stored(batch: Sent, offset: int) -> Stored:
    data = build_batch(
        [Record(0, 0, None, value) for value in batch.values],
        base_offset=offset,
        producer_id=batch.producer_id,
        producer_epoch=batch.epoch,
        base_sequence=batch.base_sequence,
    )
    return Stored(parse_header(data), batch.values)
