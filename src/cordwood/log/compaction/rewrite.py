"""The new bytes of a batch from which compaction took records.

      before   [ base offset | ... | attributes | last offset delta | base time | ... | count 5 ][ r0 r1 r2 r3 r4 ]
      after    [ base offset | ... | attributes | last offset delta | base time | ... | count 2 ][    r1    r3    ]
                 the same                         the same                                          the same bytes

The offsets of the batch and of its records, its producer, its sequence, its leader epoch and its codec stay, so that the
chain of offsets and the state of producers can be read from a compacted log as from the original.

A batch in which tombstones stay gets a delete horizon (KIP-534), the time after which they may go: attribute bit 6 says
that the base timestamp is that horizon. Records' timestamps count from the base timestamp, so their deltas are written
anew, and readers who know nothing of horizons find the right timestamps all the same.

A batch of which nothing stays, but whose end or producer must be remembered, is left as a header without records. It
has no timestamp (-1), since no record of it could be found by one.

Lives here: bytes. Must not live here: which records stay.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from crc32c import crc32c

from cordwood.log.compaction.columns import PIECE_RECORDS
from cordwood.records.batch import CODEC_MASK, CRC_START, DELETE_HORIZON, HEADER_SIZE, LENGTH_OVERHEAD, MAGIC
from cordwood.records.compression import compress
from cordwood.records.varint import VARINT, VARLONG_SIZE_LIMIT, read_raw_varint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cordwood.records.batch import BatchHeader

_HEAD: Final = Struct(">qiibI")
_TAIL: Final = Struct(">hiqqqhii")
_NO_TIMESTAMP: Final = -1

assert _HEAD.size == CRC_START
assert _HEAD.size + _TAIL.size == HEADER_SIZE


class Kept:
    """What stays of the records of one batch."""

    __slots__ = ("count", "data", "latest_delta", "pieces")

    def __init__(self, data: bytes) -> None:
        self.data = data
        """All records, uncompressed."""
        self.pieces: list[tuple[int, int]] = []
        """Where in the data those lie that stay."""
        self.count = 0
        self.latest_delta: int | None = None
        """The largest timestamp of those that stay, counted from the base timestamp."""

    def add(self, start: int, end: int, count: int) -> None:
        """The `count` records at [start, end) stay."""
        if self.pieces and self.pieces[-1][1] == start:
            self.pieces[-1] = self.pieces[-1][0], end
        else:
            self.pieces.append((start, end))
        self.count += count

    def note_times(self, latest_delta: int) -> None:
        """The largest timestamp of some that stay."""
        if self.latest_delta is None or latest_delta > self.latest_delta:
            self.latest_delta = latest_delta


def emptied(header: BatchHeader) -> bytes:
    """The batch without its records."""
    attributes = header.attributes & ~(CODEC_MASK | DELETE_HORIZON)
    return _batch(header, attributes, _NO_TIMESTAMP, _NO_TIMESTAMP, 0, b"")


def rewritten(header: BatchHeader, kept: Kept, horizon_ms: int | None, breathe: Callable[[], None]) -> bytes:
    """The batch with the records that stay, at least one; with a delete horizon, if one is given.

    `breathe` is called now and then on a long way.
    """
    assert kept.latest_delta is not None, "nothing stays: see `emptied`"
    attributes = header.attributes
    base = header.base_timestamp
    latest = header.max_timestamp if header.is_log_append_time else base + kept.latest_delta
    if horizon_ms is not None:
        attributes |= DELETE_HORIZON
        base = horizon_ms
    elif not header.has_delete_horizon and not header.is_log_append_time:
        # The first record had a later timestamp than any that stays: nobody may find the batch by it.
        base = min(base, latest)
    if base == header.base_timestamp:
        parts: Sequence[bytes] = [kept.data[start:end] for start, end in kept.pieces]
    else:
        parts = list(_shifted(kept, header.base_timestamp - base, breathe))
    payload = b"".join(parts)
    if attributes & CODEC_MASK:
        payload = compress(header.codec, payload)
    return _batch(header, attributes, base, latest, kept.count, payload)


def _shifted(kept: Kept, difference: int, breathe: Callable[[], None]) -> Iterator[bytes]:
    """The records that stay, each with its timestamp's delta moved."""
    data = kept.data
    count = 0
    for start, end in kept.pieces:
        position = start
        while position < end:
            length, attributes = read_raw_varint(data, position)
            position = attributes + (length >> 1)
            raw, after = read_raw_varint(data, attributes + 1, VARLONG_SIZE_LIMIT)
            time = VARINT[((raw >> 1) ^ -(raw & 1)) + difference]
            rest = data[after:position]
            yield b"%b%b%b%b" % (VARINT[1 + len(time) + len(rest)], data[attributes : attributes + 1], time, rest)
            count += 1
            if count % PIECE_RECORDS == 0:
                breathe()


def _batch(header: BatchHeader, attributes: int, base: int, latest: int, count: int, payload: bytes) -> bytes:
    tail = _TAIL.pack(
        attributes,
        header.last_offset_delta,
        base,
        latest,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        count,
    )
    length = HEADER_SIZE - LENGTH_OVERHEAD + len(payload)
    crc = crc32c(payload, crc32c(tail))
    return _HEAD.pack(header.base_offset, length, header.leader_epoch, MAGIC, crc) + tail + payload
