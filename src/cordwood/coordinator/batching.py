"""From decisions to record batches.

The records of a decision stay together, so that a crash leaves all or none of them; only those which are too many for one
batch are spread over several. Decisions share a batch as long as it has room. What belongs to a producer's transaction
has batches of its own, with that producer's id in front, as Kafka writes them.

Lives here: what goes into which batch. Must not live here: bytes of a record (`stored`), and the append (`shard_runner`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from cordwood.coordinator.shard_kind import NOBODY, Producer
from cordwood.records.batch import HEADER_SIZE, Codec
from cordwood.records.builder import build_batch
from cordwood.records.record import Record

RECORD_OVERHEAD_BYTES: Final = 24
"""The most that a record without headers takes beside key and value."""


class Entry(NamedTuple):
    """The records of one decision; sizes are upper bounds in bytes."""

    records: tuple[Record, ...]
    size: int
    largest: int
    producer: Producer

    @classmethod
    def of(cls, pairs: Sequence[tuple[bytes, bytes | None]], timestamp_ms: int, producer: Producer = NOBODY) -> Entry:
        """From keys and values."""
        sizes = [len(key) + len(value or b"") + RECORD_OVERHEAD_BYTES for key, value in pairs]
        records = tuple([Record(0, timestamp_ms, key, value) for key, value in pairs])
        return cls(records, sum(sizes), max(sizes, default=0), producer)


def batches_of(entries: Iterable[Entry], limit_bytes: int, codec: Codec) -> Iterator[bytes]:
    """The batches of decisions, none larger than the limit as long as no single record is."""
    room = limit_bytes - HEADER_SIZE
    gathered: list[Record] = []
    size = 0
    producer = NOBODY
    for entry in entries:
        if gathered and (size + entry.size > room or entry.producer != producer):
            yield _build(gathered, codec, producer)
            gathered, size = [], 0
        producer = entry.producer
        if entry.size > room:
            yield from (_build(part, codec, producer) for part in _parts(entry.records, room))
        else:
            gathered += entry.records
            size += entry.size
    if gathered:
        yield _build(gathered, codec, producer)


def _parts(records: Iterable[Record], room: int) -> Iterator[list[Record]]:
    part: list[Record] = []
    size = 0
    for record in records:
        own = len(record.key or b"") + len(record.value or b"") + RECORD_OVERHEAD_BYTES
        if part and size + own > room:
            yield part
            part, size = [], 0
        part.append(record)
        size += own
    yield part


def _build(records: Sequence[Record], codec: Codec, producer: Producer) -> bytes:
    return build_batch(
        records,
        codec=codec,
        producer_id=producer.id,
        producer_epoch=producer.epoch,
        transactional=producer != NOBODY,
    )
