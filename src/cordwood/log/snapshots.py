"""The bytes of the producers' snapshot `<offset>.snapshot`: the state of the table below that offset.

The payload of a checkpoint (docs/formats/snapshot.md), little-endian; version 1 has no start and no coordinator:

      +--------+-------+  then each producer:  +----+-------+----+-------+-------------+-------+  then each of its batches:
      | offset | count |                       | id | epoch | at | start | coordinator | count |
      +--------+-------+                       +----+-------+----+-------+-------------+-------+
        i64      u32                             i64  i16     i64  i64     i32           u8
      +----------+----------+----------+----------+----+
      | sequence | last     | offset   | last     | at |
      +----------+----------+----------+----------+----+
        i32        i32        i64        i64        i64

Lives here: those bytes and their file. Must not live here: what a producer may send (producers.py), which snapshot is used.
"""

from __future__ import annotations

from struct import Struct, error
from typing import TYPE_CHECKING, Final

from cordwood.log import checkpoint
from cordwood.log.checkpoint import Kind
from cordwood.log.producers import NO_COORDINATOR, NO_TRANSACTION, ProducedBatch, Producer, ProducerTable
from cordwood.model.errors import CorruptLog

if TYPE_CHECKING:
    from cordwood.env.disk import Disk

SNAPSHOT: Final = Kind(b"CWps", 2)

_TABLE: Final = Struct("<qI")
_PRODUCER_V1: Final = Struct("<qhqB")
_PRODUCER: Final = Struct("<qhqqiB")
_BATCH: Final = Struct("<iiqqq")


def encode_snapshot(table: ProducerTable, offset: int) -> bytes:
    """The payload: the state of the log below `offset`."""
    parts = [_TABLE.pack(offset, len(table))]
    for producer_id, producer in table:
        parts.append(
            _PRODUCER.pack(
                producer_id,
                producer.epoch,
                producer.last_timestamp_ms,
                producer.transaction_start,
                producer.coordinator_epoch,
                len(producer.batches),
            )
        )
        parts.extend(_BATCH.pack(*batch) for batch in producer.batches)
    return b"".join(parts)


def decode_snapshot(payload: bytes, version: int, path: str) -> tuple[ProducerTable, int]:
    """The table in a payload, and its offset. Raises CorruptLog, which names `path`."""
    found: dict[int, Producer] = {}
    try:
        offset, count = _TABLE.unpack_from(payload)
        position = _TABLE.size
        for _ in range(count):
            producer_id, producer, batch_count, position = _decode_producer(payload, position, version)
            found[producer_id] = producer
            for _ in range(batch_count):
                producer.batches.append(ProducedBatch(*_BATCH.unpack_from(payload, position)))
                position += _BATCH.size
    except error as cause:
        raise CorruptLog(path, len(payload), f"the snapshot ends early: {cause}") from cause
    return ProducerTable.of(found), offset


def _decode_producer(payload: bytes, position: int, version: int) -> tuple[int, Producer, int, int]:
    """A producer's id, the producer, how many batches follow, and where."""
    start, coordinator_epoch = NO_TRANSACTION, NO_COORDINATOR
    if version == 1:
        producer_id, epoch, at, count = _PRODUCER_V1.unpack_from(payload, position)
        position += _PRODUCER_V1.size
    else:
        producer_id, epoch, at, start, coordinator_epoch, count = _PRODUCER.unpack_from(payload, position)
        position += _PRODUCER.size
    producer = Producer(epoch)
    producer.last_timestamp_ms = at
    producer.transaction_start = start
    producer.coordinator_epoch = coordinator_epoch
    return producer_id, producer, count, position


def load_snapshot(disk: Disk, path: str) -> tuple[ProducerTable, int] | None:
    """The table in a file and its offset, or None when there is no file. Raises CorruptLog."""
    loaded = checkpoint.load_any(disk, path, SNAPSHOT)
    return None if loaded is None else decode_snapshot(loaded.payload, loaded.version, path)
