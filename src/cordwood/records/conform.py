"""Makes a producer's batch into what its topic wants: another codec, and keys on all records.

Lives here: the rewriting of whole batches. Must not live here: which topic wants what, offsets, timestamps.

Another codec costs no decoding of records: their bytes are the same under every codec, so the payload is taken out of
one and put into the other, and the header gets new attributes, length and CRC. Only a topic that wants keys has its
records looked at.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from crc32c import crc32c

from cordwood.model.errors import InvalidRecords
from cordwood.model.limits import DECOMPRESSED_SIZE_LIMIT_BYTES
from cordwood.records.batch import CODEC_MASK, CRC_START, HEADER_SIZE, LENGTH_OVERHEAD, BatchHeader, Codec, check_batch
from cordwood.records.compression import compress, decompress
from cordwood.records.reader import decode_batch

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer

_LENGTH: Final = Struct(">i")
_CRC_AND_ATTRIBUTES: Final = Struct(">Ih")
_LENGTH_AT: Final = 8
_CRC_AT: Final = 17


class Demands(NamedTuple):
    """What a topic wants of its batches."""

    codec: Codec | None = None
    """The codec to store under, or None for the producer's own [compression.type]."""
    level: int | None = None
    """The level to compress with; None is the codec's default [compression.gzip.level and so on]."""
    keyed: bool = False
    """Whether every record needs a key [cleanup.policy=compact]."""


def conform(batch: Buffer, demands: Demands, *, limit_bytes: int = DECOMPRESSED_SIZE_LIMIT_BYTES) -> Buffer:
    """The batch as the topic wants it: the very buffer where nothing is to change, else a new one.

    Raises what `check_batch` raises, InvalidRecords for records without a key, DecompressedTooLarge.
    """
    header = check_batch(batch)
    if demands.keyed:
        check_keys(batch, header, limit_bytes)
    if demands.codec is None or demands.codec == header.codec:
        return batch
    return recompress(batch, header, demands.codec, demands.level, limit_bytes)


def check_keys(batch: Buffer, header: BatchHeader, limit_bytes: int) -> None:
    """Raises InvalidRecords, with their numbers in the batch, if records have no key."""
    records = decode_batch(batch, header, limit_bytes=limit_bytes)
    keyless = tuple(index for index, record in enumerate(records) if record.key is None)
    if keyless:
        raise InvalidRecords("a compacted topic takes no record without a key", keyless)


def recompress(batch: Buffer, header: BatchHeader, codec: Codec, level: int | None, limit_bytes: int) -> bytearray:
    """The same records under another codec."""
    view = memoryview(batch)
    payload = compress(codec, decompress(header.codec, view[HEADER_SIZE:], limit_bytes), level)
    made = bytearray(view[:HEADER_SIZE])
    made += payload
    _LENGTH.pack_into(made, _LENGTH_AT, len(made) - LENGTH_OVERHEAD)
    attributes = (header.attributes & ~CODEC_MASK) | codec
    _CRC_AND_ATTRIBUTES.pack_into(made, _CRC_AT, 0, attributes)
    _CRC_AND_ATTRIBUTES.pack_into(made, _CRC_AT, crc32c(memoryview(made)[CRC_START:]), attributes)
    return made
