"""The record batch, format v2: the unit that is produced, stored, replicated and fetched, always as the same bytes.

      0        8       12      16  17    21   23   27        35        43        51   53   57   61
      +--------+-------+-------+---+-----+----+----+---------+---------+---------+----+----+----+- - - - -+
      | base   | length| leader| 2 | crc | at-| last offset  | max     | producer| ep-|base|re- | records |
      | offset |       | epoch |   |     | tr.| delta | base | time-   | id      | och|seq.|cord|         |
      |        |       |       |   |     |    |       | time.| stamp   |         |    |    |cnt.|         |
      +--------+-------+-------+---+-----+----+----+---------+---------+---------+----+----+----+- - - - -+
       i64      i32     i32     i8  u32   i16  i32  i64       i64       i64       i16  i32  i32
      |<- written by the broker ->|       |<-------------- covered by the crc (CRC-32C) --------------->|
                       |<------------------------- counted by length ------------------------------------>|

All numbers are big-endian. Attributes: bits 0-2 the codec, 3 the timestamp is the broker's, 4 transactional, 5 control
batch, 6 the base timestamp is a delete horizon. The page docs/formats/record-batch.md explains every field.

Lives here: the header, the checks of a batch and the two ways in which a broker writes into one. Must not live here:
records and codecs, so that a broker which only moves batches never loads them.

Source: Kafka's DefaultRecordBatch, LogValidator and UnifiedLog (what is refused), KIP-98 (the format).
"""

from __future__ import annotations

import re
from enum import IntEnum
from struct import Struct
from typing import TYPE_CHECKING, Final, TypeAlias

from crc32c import crc32c
from msgspec import Struct as Value

from cordwood.model.errors import CorruptBatch, InvalidBatch, UnsupportedCompression
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES, BATCH_SIZE_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    Buffer: TypeAlias = bytes | bytearray | memoryview | mmap

HEADER_SIZE: Final = BATCH_HEADER_SIZE_BYTES
LENGTH_OVERHEAD: Final = 12
"""The base offset and the length itself, which `length` does not count."""
MAGIC: Final = 2
CRC_START: Final = 21
"""The CRC covers everything from the attributes to the end of the batch."""
NO_SEQUENCE: Final = -1

CODEC_MASK: Final = 0x07
LOG_APPEND_TIME: Final = 0x08
TRANSACTIONAL: Final = 0x10
CONTROL: Final = 0x20
DELETE_HORIZON: Final = 0x40

_SEQUENCE_MASK: Final = (1 << 31) - 1
_MAGIC_POSITION: Final = 16
_CRC_POSITION: Final = 17
_MAX_TIMESTAMP_POSITION: Final = 35
_CODEC_LIMIT: Final = 4

_HEADER: Final = Struct(">qiibIhiqqqhii")
_BASE_OFFSET: Final = Struct(">q")
_LEADER_EPOCH: Final = Struct(">i")
_CRC: Final = Struct(">I")
_ATTRIBUTES: Final = Struct(">h")
_MAX_TIMESTAMP: Final = Struct(">q")
_unpack = _HEADER.unpack_from

assert _HEADER.size == HEADER_SIZE


class Codec(IntEnum):
    """How the records of a batch are compressed: the low three bits of its attributes."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


# A msgspec struct is built in a third of the time of a NamedTuple (bench/records.py); a broker builds one for each batch.
class BatchHeader(Value, frozen=True, gc=False):
    """The 61 bytes before the records, as numbers."""

    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size_bytes(self) -> int:
        """The whole batch, header and records."""
        return self.length + LENGTH_OVERHEAD

    @property
    def last_offset(self) -> int:
        """The offset of the last record that the batch was written with; compaction may have removed it."""
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        """The first offset after the batch."""
        return self.base_offset + self.last_offset_delta + 1

    @property
    def last_sequence(self) -> int:
        """The producer's sequence of the last record, or -1; sequences wrap at 2**31."""
        if self.base_sequence < 0:
            return NO_SEQUENCE
        return (self.base_sequence + self.last_offset_delta) & _SEQUENCE_MASK

    @property
    def latest_timestamp(self) -> int:
        """The timestamp to index the batch by: some clients (sarama) leave `max_timestamp` at -1."""
        if self.attributes & (LOG_APPEND_TIME | DELETE_HORIZON):
            return self.max_timestamp
        return max(self.base_timestamp, self.max_timestamp)

    @property
    def codec(self) -> Codec:
        """Raises UnsupportedCompression when there is no such codec."""
        number = self.attributes & CODEC_MASK
        if number > _CODEC_LIMIT:
            raise UnsupportedCompression(f"codec {number} does not exist")
        return Codec(number)

    @property
    def is_transactional(self) -> bool:
        return self.attributes & TRANSACTIONAL != 0

    @property
    def is_control(self) -> bool:
        """The batch holds a commit or abort marker and no user's records."""
        return self.attributes & CONTROL != 0

    @property
    def is_log_append_time(self) -> bool:
        """`max_timestamp` is the time of the append and stands for the timestamp of each record."""
        return self.attributes & LOG_APPEND_TIME != 0

    @property
    def has_delete_horizon(self) -> bool:
        """Compaction keeps the time when tombstones may go in `base_timestamp`."""
        return self.attributes & DELETE_HORIZON != 0


def parse_header(buffer: Buffer, position: int = 0) -> BatchHeader:
    """Reads the header at `position` and checks nothing; the caller knows that 61 bytes are there."""
    return BatchHeader(*_unpack(buffer, position))


def is_transactional(batch: memoryview) -> bool:
    """Whether a batch says that it is part of a transaction; what has no header of ours says nothing."""
    return len(batch) >= HEADER_SIZE and batch[_MAGIC_POSITION] == MAGIC and batch[CRC_START + 1] & TRANSACTIONAL != 0


def check_batch(buffer: Buffer, *, allow_control: bool = False, needs_sequence: bool = True) -> BatchHeader:
    """Checks that the buffer is exactly one batch that a client may produce, before anything of it is written.

    Refuses what Kafka's broker refuses and nothing more: timestamps are never compared here, since real clients send
    a maximum of -1. A batch from a client has base offset 0. With `allow_control` commit and abort markers pass, as
    the transaction coordinator writes them; without `needs_sequence` a producer may send none, as a group coordinator
    does that commits offsets in the transaction of another.

    Raises InvalidBatch, CorruptBatch (CRC) or UnsupportedCompression.
    """
    size = len(buffer)
    if size < HEADER_SIZE:
        raise InvalidBatch(_short_batch_reason(buffer))
    header = BatchHeader(*_unpack(buffer, 0))
    if header.magic != MAGIC:
        raise InvalidBatch(_magic_reason(header.magic))
    if header.length != size - LENGTH_OVERHEAD:
        raise InvalidBatch(_length_reason(header.length, size))
    if crc32c(memoryview(buffer)[CRC_START:]) != header.crc:
        raise CorruptBatch("the CRC does not match the bytes")
    if header.base_offset != 0:
        raise InvalidBatch(f"the base offset of a produced batch is 0, not {header.base_offset}")
    count = header.record_count
    if count < 1:
        raise InvalidBatch(f"it counts {count} records")
    if header.last_offset_delta != count - 1:
        raise InvalidBatch(f"its last offset delta is {header.last_offset_delta} with {count} records")
    attributes = header.attributes
    if attributes & CODEC_MASK > _CODEC_LIMIT:
        raise UnsupportedCompression(f"codec {attributes & CODEC_MASK} does not exist")
    if attributes & CONTROL and not allow_control:
        raise InvalidBatch("clients may not write control records")
    if needs_sequence and header.producer_id >= 0 and header.base_sequence < 0 and not attributes & CONTROL:
        raise InvalidBatch(f"producer {header.producer_id} sent sequence {header.base_sequence}")
    return header


def check_stored_batch(buffer: Buffer, position: int = 0) -> BatchHeader:
    """Checks the batch that a store (or a leader) holds at `position`; more bytes may follow it.

    Its offsets are stamped and compaction may have removed records from it, so fewer records than offsets are right,
    none included. Raises InvalidBatch when the batch is damaged or cut short and CorruptBatch when only its CRC is wrong.
    """
    left = len(buffer) - position
    if left < HEADER_SIZE:
        raise InvalidBatch(f"{left} bytes are left where a header takes {HEADER_SIZE}")
    header = BatchHeader(*_unpack(buffer, position))
    if header.magic != MAGIC:
        raise InvalidBatch(_magic_reason(header.magic))
    end = header.length + LENGTH_OVERHEAD
    if not HEADER_SIZE <= end <= BATCH_SIZE_LIMIT_BYTES:
        raise InvalidBatch(f"its length {header.length} is out of range")
    if end > left:
        raise InvalidBatch(f"it is cut short: {left} of {end} bytes are there")
    if crc32c(memoryview(buffer)[position + CRC_START : position + end]) != header.crc:
        raise CorruptBatch("the CRC does not match the bytes")
    if header.base_offset < 0:
        raise InvalidBatch(f"its base offset is {header.base_offset}")
    if header.record_count < 0 or header.last_offset_delta < max(0, header.record_count - 1):
        raise InvalidBatch(f"it counts {header.record_count} records in {header.last_offset_delta + 1} offsets")
    return header


def whole_batch_length(buffer: Buffer, position: int = 0) -> int | None:
    """The size in bytes of the whole and valid batch at `position`, or None when there is none.

    Made for looking around in damaged bytes: what is not a batch is told apart by its magic and length, without a CRC.
    """
    try:
        return check_stored_batch(buffer, position).size_bytes
    except InvalidBatch:
        return None


# Base offset below 2**56, length below 2**30, magic 2, attributes below 128, last offset delta not negative, and
# a plausible first byte of each other field. The lookahead lets candidates overlap. A scan runs at the speed of C.
_CANDIDATE: Final = re.compile(rb"(?=\x00.{7}[\x00-\x40].{7}\x02.{4}\x00[\x00-\x7f][\x00-\x7f])", re.DOTALL)


def find_batch(buffer: Buffer, start: int, end: int | None = None, *, min_offset: int = 0) -> int | None:
    """The position of the first whole and valid batch that begins in [start, end), or None.

    Recovery asks this behind a damaged place: a batch there means corruption, none means a torn tail. With
    `min_offset` it passes over batches of lower offsets, such as one that a torn record carries as its value.
    """
    limit = len(buffer) if end is None else end
    # Rubbish has hardly a candidate: without a bound each search of a piece would go through all that follows it.
    for candidate in _CANDIDATE.finditer(buffer, start, min(limit + HEADER_SIZE, len(buffer))):
        position = candidate.start()
        if position >= limit:
            break
        if _BASE_OFFSET.unpack_from(buffer, position)[0] < min_offset:
            continue
        if whole_batch_length(buffer, position) is not None:
            return position
    return None


def batches(buffer: Buffer) -> Iterator[tuple[BatchHeader, memoryview]]:
    """The whole batches in a buffer, each with its bytes; ends quietly where the last one is cut short.

    Reads only headers, checks no CRC. Raises InvalidBatch where the bytes cannot be a batch.
    """
    view = memoryview(buffer)
    size = len(view)
    position = 0
    while position + HEADER_SIZE <= size:
        header = BatchHeader(*_unpack(view, position))
        if header.magic != MAGIC:
            raise InvalidBatch(_magic_reason(header.magic))
        end = position + header.length + LENGTH_OVERHEAD
        if end < position + HEADER_SIZE:
            raise InvalidBatch(f"its length {header.length} is out of range")
        if end > size:
            return
        yield header, view[position:end]
        position = end


def stamp(buffer: bytearray | memoryview | mmap, position: int, base_offset: int, leader_epoch: int) -> None:
    """Writes what the leader decides into the batch at `position`; the CRC does not cover these 12 bytes."""
    _BASE_OFFSET.pack_into(buffer, position, base_offset)
    _LEADER_EPOCH.pack_into(buffer, position + LENGTH_OVERHEAD, leader_epoch)


def stamp_append_time(buffer: bytearray | memoryview, position: int, timestamp_ms: int) -> BatchHeader:
    """Makes `timestamp_ms` the timestamp of each record of the batch (message.timestamp.type=LogAppendTime).

    The CRC covers both fields that change, so it is computed anew. Returns the header as it is now.
    """
    header = parse_header(buffer, position)
    _ATTRIBUTES.pack_into(buffer, position + CRC_START, header.attributes | LOG_APPEND_TIME)
    _MAX_TIMESTAMP.pack_into(buffer, position + _MAX_TIMESTAMP_POSITION, timestamp_ms)
    crc = crc32c(memoryview(buffer)[position + CRC_START : position + header.size_bytes])
    _CRC.pack_into(buffer, position + _CRC_POSITION, crc)
    return parse_header(buffer, position)


def _short_batch_reason(buffer: Buffer) -> str:
    size = len(buffer)
    if size > _MAGIC_POSITION and buffer[_MAGIC_POSITION] != MAGIC:
        return _magic_reason(buffer[_MAGIC_POSITION])
    return f"{size} bytes are fewer than the {HEADER_SIZE} of a header"


def _magic_reason(magic: int) -> str:
    if magic in (0, 1):
        return f"it has the message format v{magic}; only v2 (Kafka 0.11 and newer) is served"
    return f"it has magic {magic} where 2 is served"


def _length_reason(length: int, size: int) -> str:
    if length + LENGTH_OVERHEAD < HEADER_SIZE:
        return f"its length {length} is shorter than a header"
    if length + LENGTH_OVERHEAD > size:
        return f"it is cut short: {size} of {length + LENGTH_OVERHEAD} bytes are there"
    return f"{size - length - LENGTH_OVERHEAD} bytes follow the one batch that may be there"
