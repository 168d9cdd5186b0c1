"""Makes record batches: from records in general, and by two shorter roads for what an embedded log appends.

Lives here: values to the bytes of one whole batch, CRC included, ready for one write. Must not live here: assigning
offsets or sequences, and the choice of a codec. Every function returns one bytes object: the CRC needs the bytes in
one piece anyhow, and one piece is the cheapest to write.

`build_values` and `build_one` make to the byte what `build_batch` makes of the same records.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Final

from crc32c import crc32c

from cordwood.model.errors import InvalidBatch, RecordTooLarge
from cordwood.model.ids import NO_LEADER_EPOCH, NO_PRODUCER_ID
from cordwood.model.limits import BATCH_SIZE_LIMIT_BYTES
from cordwood.records.batch import (
    CONTROL,
    CRC_START,
    HEADER_SIZE,
    LENGTH_OVERHEAD,
    MAGIC,
    NO_SEQUENCE,
    TRANSACTIONAL,
    Codec,
)
from cordwood.records.compression import compress
from cordwood.records.record import Record, encode_record, encode_records
from cordwood.records.varint import VARINT

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_PRODUCER_EPOCH: Final = -1

# The header in two pieces, because the CRC stands in the first and covers the second.
_HEAD: Final = Struct(">qiibI")
_TAIL: Final = Struct(">hiqqqhii")
_TIMESTAMPS: Final = Struct(">qq")
_pack_head = _HEAD.pack
_pack_tail = _TAIL.pack
_pack_timestamps = _TIMESTAMPS.pack

assert _HEAD.size == CRC_START
assert _HEAD.size + _TAIL.size == HEADER_SIZE

_LENGTH_LIMIT: Final = BATCH_SIZE_LIMIT_BYTES - CRC_START
_LENGTH_BEFORE_CRC: Final = CRC_START - LENGTH_OVERHEAD
"""What `length` counts of the first piece."""

_SINGLE: Final = _pack_tail(0, 0, 0, 0, NO_PRODUCER_ID, NO_PRODUCER_EPOCH, NO_SEQUENCE, 1)
_SINGLE_START: Final = _SINGLE[:6]
_SINGLE_END: Final = _SINGLE[22:]
"""The second piece of a batch of one plain record, around its timestamps."""

_PREFIX_TABLE_SIZE: Final = 4096
_PREFIX_TABLES: Final = 8


def build_batch(
    records: Sequence[Record],
    *,
    base_offset: int = 0,
    codec: Codec = Codec.NONE,
    level: int | None = None,
    leader_epoch: int = NO_LEADER_EPOCH,
    producer_id: int = NO_PRODUCER_ID,
    producer_epoch: int = NO_PRODUCER_EPOCH,
    base_sequence: int = NO_SEQUENCE,
    transactional: bool = False,
    control: bool = False,
) -> bytes:
    """One batch of the records, numbered from `base_offset` on; their own offsets are not looked at.

    Raises InvalidBatch when there are no records, RecordTooLarge when they fill more than any batch may.
    """
    if not records:
        raise InvalidBatch("a batch has at least one record")
    base_timestamp = records[0].timestamp_ms
    payload = encode_records(records, base_timestamp)
    if codec:
        payload = compress(codec, payload, level)
    tail = _pack_tail(
        codec | (TRANSACTIONAL if transactional else 0) | (CONTROL if control else 0),
        len(records) - 1,
        base_timestamp,
        max([record.timestamp_ms for record in records]),
        producer_id,
        producer_epoch,
        base_sequence,
        len(records),
    )
    return _finish(tail + payload, base_offset, leader_epoch)


def build_one(
    value: bytes | None,
    key: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    timestamp_ms: int,
    base_offset: int,
    leader_epoch: int,
) -> bytes:
    """One batch of one record, in about a microsecond. Raises RecordTooLarge when it is more than any batch may be."""
    varint = VARINT
    timestamps = _pack_timestamps(timestamp_ms, timestamp_ms)
    if key is None and value is not None and not headers:
        size = varint[len(value)]
        length = varint[len(value) + len(size) + 5]
        covered = b"".join((_SINGLE_START, timestamps, _SINGLE_END, length, b"\0\0\0\1", size, value, b"\0"))
    else:
        covered = b"".join((_SINGLE_START, timestamps, _SINGLE_END, encode_record(0, 0, key, value, headers)))
    return _finish(covered, base_offset, leader_epoch)


def build_values(values: Sequence[bytes], timestamp_ms: int, base_offset: int, leader_epoch: int) -> bytes:
    """One batch of bare values that share a timestamp.

    What stands between two values of one length differs only in the offset delta, so it is remembered. Raises
    InvalidBatch when there are no values, RecordTooLarge when they fill more than any batch may.
    """
    count = len(values)
    if not count:
        raise InvalidBatch("a batch has at least one record")
    parts: list[bytes] = [b"\0"] * (2 * count + 1)
    if count <= _PREFIX_TABLE_SIZE and len(set(map(len, values))) == 1:
        parts[:-1:2] = _prefixes_of_size(len(values[0]))[:count]
    else:
        parts[:-1:2] = [_prefix(offset_delta, len(value)) for offset_delta, value in enumerate(values)]
    parts[1::2] = values
    # A prefix begins with the end of the record before it; the first has none before it.
    parts[0] = (
        _pack_tail(0, count - 1, timestamp_ms, timestamp_ms, NO_PRODUCER_ID, NO_PRODUCER_EPOCH, NO_SEQUENCE, count)
        + parts[0][1:]
    )
    return _finish(b"".join(parts), base_offset, leader_epoch)


@lru_cache(_PREFIX_TABLES)
def _prefixes_of_size(size: int) -> list[bytes]:
    return [_prefix(offset_delta, size) for offset_delta in range(_PREFIX_TABLE_SIZE)]


def _prefix(offset_delta: int, size: int) -> bytes:
    """The empty headers of the record before, and this record up to its value of `size` bytes."""
    delta = VARINT[offset_delta]
    value_size = VARINT[size]
    length = VARINT[size + len(delta) + len(value_size) + 4]
    return b"\0%b\0\0%b\1%b" % (length, delta, value_size)


def _finish(covered: bytes, base_offset: int, leader_epoch: int) -> bytes:
    """Puts the first 21 bytes before those that the CRC covers."""
    length = len(covered) + _LENGTH_BEFORE_CRC
    if length > _LENGTH_LIMIT:
        raise RecordTooLarge(length + LENGTH_OVERHEAD, BATCH_SIZE_LIMIT_BYTES)
    return _pack_head(base_offset, length, leader_epoch, MAGIC, crc32c(covered)) + covered
