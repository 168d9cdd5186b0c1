"""The store: one append-only file of record batches, end to end.

      0              size(0)               size(0)+size(1)                size_bytes
      +--------------+---------------------+----- ... -----+--------------+ - - - - - - - - - - - -
      | batch 0      | batch 1             |               | batch n      | garbage of a failed write
      +--------------+---------------------+----- ... -----+--------------+ - - - - - - - - - - - -

Each batch is Kafka's format v2 (records/batch.py), so other people's tools read the file. docs/formats/store.md.

Lives here: bytes and positions. Must not live here: offsets' meaning, indexes, rotation, what a torn tail is.

| step of an append        | if the process dies or the write fails here                                       |
|--------------------------|-----------------------------------------------------------------------------------|
| the one write            | part of a batch beyond `size_bytes`: the next append overwrites it, recovery cuts it |
| `size_bytes` moves       | the batch is whole in the page cache: it survives the process, not yet the machine |
| `sync` returns           | the batch survives the machine                                                    |
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES, BATCH_SIZE_LIMIT_BYTES
from cordwood.records.batch import LENGTH_OVERHEAD, MAGIC, BatchHeader, parse_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cordwood.env.disk import Buffer, File

WALK_BYTES: Final = 16 * 1024
"""How much a walk over headers reads at once: two index intervals."""

REWRITE_BYTES: Final = 1 << 20
"""How much `write_again` reads and writes at once."""

_OFFSETS_AND_LENGTH: Final = Struct(">qi11xi")
"""Base offset, length and last offset delta, as they lie in a header."""
_SHORTEST_LENGTH: Final = BATCH_HEADER_SIZE_BYTES - LENGTH_OVERHEAD


class Store:
    """An append-only file of record batches. One writer at a time; any thread reads below `size_bytes`."""

    __slots__ = ("file", "is_littered", "size_bytes")

    def __init__(self, file: File, size_bytes: int | None = None) -> None:
        self.file = file
        self.size_bytes = file.size() if size_bytes is None else size_bytes
        self.is_littered = False
        """Whether the device may have bytes behind the end: of a failed write, or of a cut that was never synced."""

    @property
    def path(self) -> str:
        return self.file.path

    def append(self, parts: Sequence[Buffer]) -> int:
        """Writes the parts, which together are whole batches, and returns their position.

        Raises StorageFailed or DiskFull, and then nothing has changed.
        """
        position = self.size_bytes
        try:
            self.size_bytes = position + self.file.write(parts, position)
        except StorageFailed:
            self.is_littered = True
            raise
        return position

    def header_at(self, position: int) -> BatchHeader:
        """The header of the batch at `position`. Raises CorruptLog."""
        data = self.file.read(BATCH_HEADER_SIZE_BYTES, position)
        if len(data) < BATCH_HEADER_SIZE_BYTES:
            raise CorruptLog(self.path, position, "the file ends inside a header")
        header = parse_header(data)
        self._check_header(header, position)
        return header

    def headers(self, start: int, end: int) -> Iterator[tuple[int, BatchHeader]]:
        """The batches that begin in [start, end), each with its position. Raises CorruptLog."""
        position = start
        while position < end:
            data = self.file.read(min(WALK_BYTES, end - position), position)
            at = 0
            while at + BATCH_HEADER_SIZE_BYTES <= len(data):
                header = parse_header(data, at)
                self._check_header(header, position + at)
                yield position + at, header
                at += header.size_bytes
            if at == 0:
                raise CorruptLog(self.path, position, "the file ends inside a header")
            position += at

    def locate(self, offset: int, position: int, end: int, base_offset: int | None = None) -> tuple[int, int]:
        """Walks from the batch at `position` to the first that ends above `offset`: its base offset and position.

        That is the batch which holds `offset`, or, where compaction took that one away, the next one. `end` bounds the
        walk: the batch begins before it. `base_offset` is what the first batch must have, if that is known. Raises
        CorruptLog.
        """
        unpack = _OFFSETS_AND_LENGTH.unpack_from
        found = offset, position
        expected = base_offset
        while position < end:
            data = self.file.read(min(WALK_BYTES, end - position), position)
            at = 0
            while at + _OFFSETS_AND_LENGTH.size <= len(data):
                base_offset, length, last_offset_delta = unpack(data, at)
                if expected not in (None, base_offset):
                    raise CorruptLog(self.path, position, f"offset {base_offset} where the index says {expected}")
                expected = None
                if length < _SHORTEST_LENGTH:
                    raise CorruptLog(self.path, position + at, f"a batch of length {length}")
                if last_offset_delta < 0:  # Passed over, it would be missing without a word.
                    raise CorruptLog(
                        self.path, position + at, f"a batch that ends {-last_offset_delta} before it begins"
                    )
                found = base_offset, position + at
                if base_offset + last_offset_delta >= offset:
                    return found
                at += length + LENGTH_OVERHEAD
            if at == 0:
                raise CorruptLog(self.path, position, "the file ends inside a header")
            position += at
        return found

    def truncate(self, size_bytes: int) -> None:
        """Cuts the file."""
        self.size_bytes = size_bytes
        self.file.truncate(size_bytes)

    def tidy(self) -> None:
        """Cuts what may be left behind the end; durable after `sync`."""
        if self.is_littered:
            self.truncate(self.size_bytes)
            self.is_littered = False

    def write_again(self) -> None:
        """Writes the whole file over itself: the system believes that pages are on the device which a failed sync lost."""
        for start in range(0, self.size_bytes, REWRITE_BYTES):
            size = min(REWRITE_BYTES, self.size_bytes - start)
            self.file.write([self.file.read(size, start)], start)

    def sync(self) -> None:
        """Returns when everything appended before the call is on the device. Never retried after a failure."""
        self.file.datasync()

    def _check_header(self, header: BatchHeader, position: int) -> None:
        if header.magic != MAGIC:
            raise CorruptLog(self.path, position, f"a batch of magic {header.magic}")
        if not BATCH_HEADER_SIZE_BYTES <= header.size_bytes <= BATCH_SIZE_LIMIT_BYTES:
            raise CorruptLog(self.path, position, f"a batch of length {header.length}")
        if header.last_offset_delta < 0:
            raise CorruptLog(self.path, position, f"a batch that ends {-header.last_offset_delta} before it begins")
