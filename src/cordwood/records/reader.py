"""Reads the records of a whole batch, whatever its codec.

Lives here: the one function between a batch and its records. Must not live here: checks of the batch itself; see
`batch.check_batch` and `batch.check_stored_batch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.model.limits import DECOMPRESSED_SIZE_LIMIT_BYTES
from cordwood.records.batch import HEADER_SIZE, BatchHeader, parse_header
from cordwood.records.compression import decompress
from cordwood.records.record import Record, decode_records

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer


def decode_batch(
    batch: Buffer, header: BatchHeader | None = None, *, limit_bytes: int = DECOMPRESSED_SIZE_LIMIT_BYTES
) -> list[Record]:
    """The records of the batch that fills the buffer, which was checked when it was stored.

    A control batch gives its markers as records (see `control`). Raises InvalidBatch when the records are damaged,
    DecompressedTooLarge when they are larger than `limit_bytes`, UnsupportedCompression when the codec does not exist.
    """
    header = header or parse_header(batch)
    payload = memoryview(batch)[HEADER_SIZE : header.size_bytes]
    codec = header.codec
    if codec:
        return decode_records(header, decompress(codec, payload, limit_bytes))
    return decode_records(header, payload)
