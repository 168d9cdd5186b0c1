"""Commit and abort markers: the control batches that end a transaction in a partition.

      key:   [version i16 = 0][type i16: 0 abort, 1 commit]
      value: [version i16 = 0][coordinator epoch i32]

A marker is a transactional batch of one record with the control bit, written by the broker with the producer id and
epoch of the transaction. It takes up an offset and is never handed to an application.

Lives here: markers to bytes and back. Must not live here: what a transaction is. Source: KIP-98, EndTransactionMarker.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import TYPE_CHECKING, Final

from msgspec import Struct as Value

from cordwood.model.errors import InvalidBatch
from cordwood.model.ids import NO_LEADER_EPOCH
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record

if TYPE_CHECKING:
    from cordwood.records.batch import BatchHeader, Buffer

_VERSION: Final = 0
_KEY: Final = Struct(">hh")
_VALUE: Final = Struct(">hi")


MARKER_SIZE_BYTES: Final = 78
"""The whole control batch."""


class MarkerType(IntEnum):
    """How a transaction ended."""

    ABORT = 0
    COMMIT = 1


class Marker(Value, frozen=True, gc=False):
    """The end of a transaction: how it ended, and the epoch of the coordinator that says so."""

    type: MarkerType
    coordinator_epoch: int


def build_marker(
    marker: Marker,
    *,
    producer_id: int,
    producer_epoch: int,
    timestamp_ms: int,
    base_offset: int = 0,
    leader_epoch: int = NO_LEADER_EPOCH,
) -> bytes:
    """The control batch that ends the transaction of a producer."""
    key = _KEY.pack(_VERSION, marker.type)
    value = _VALUE.pack(_VERSION, marker.coordinator_epoch)
    return build_batch(
        [Record(base_offset, timestamp_ms, key, value)],
        base_offset=base_offset,
        leader_epoch=leader_epoch,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        transactional=True,
        control=True,
    )


def marker_of(batch: Buffer, header: BatchHeader) -> Marker | None:
    """The marker in a stored control batch; None if it ends no transaction, or compaction has emptied it.

    Raises InvalidBatch.
    """
    records = decode_batch(batch, header)
    return parse_marker(records[0]) if records else None


def parse_marker(record: Record) -> Marker | None:
    """What the one record of a control batch says, or None for a control record that ends no transaction.

    Newer versions may only add to the end of key and value, so they are read as far as they are known. Raises
    InvalidBatch when key or value are too short.
    """
    key = record.key or b""
    value = record.value or b""
    if len(key) < _KEY.size:
        raise InvalidBatch(f"a control record has a key of {len(key)} bytes where {_KEY.size} are needed")
    key_version, number = _KEY.unpack_from(key)
    if number not in (MarkerType.ABORT, MarkerType.COMMIT):
        return None
    if len(value) < _VALUE.size:
        raise InvalidBatch(f"a marker has a value of {len(value)} bytes where {_VALUE.size} are needed")
    value_version, coordinator_epoch = _VALUE.unpack_from(value)
    if key_version < 0 or value_version < 0:
        raise InvalidBatch(f"a marker has the versions {key_version} and {value_version}")
    return Marker(MarkerType(number), coordinator_epoch)
