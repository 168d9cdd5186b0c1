"""A snapshot of the state machine as a file: whole or not at all.

      0       4         6          8        12
      +-------+---------+----------+--------+-- ... --+--------+    all little-endian
      | magic | version | reserved | length | head    | CRC    |    head: msgpack of [index, term, configuration]
      +-------+---------+----------+--------+-- ... --+--------+
      | length | CRC    | part ...                               |    as often as there are parts
      | 0      | CRC    |                                             the end
      +--------+--------+

Each CRC-32C continues the one before it, so that parts cannot change places and the last one stands for all.

Lives here: those bytes. Must not live here: names of files, and which file counts (snapshots.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import TYPE_CHECKING, Final

import msgspec
from crc32c import crc32c

from cordwood.model.errors import CorruptLog
from cordwood.raft import Configuration, Snapshot

if TYPE_CHECKING:
    from cordwood.env.disk import File

MAGIC: Final = b"CWRS"
VERSION: Final = 1
PART_LIMIT_BYTES: Final = 1 << 20
HEAD_LIMIT_BYTES: Final = 1 << 20

_START: Final = Struct("<4sHHI")
_CRC: Final = Struct("<I")
_PART: Final = Struct("<II")


class _Head(msgspec.Struct, frozen=True, array_like=True):
    index: int
    term: int
    configuration: Configuration


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Head)


def write_snapshot(file: File, snapshot: Snapshot, parts: Iterable[bytes]) -> int:
    """Writes a whole snapshot at the beginning of the file; returns its size. Raises StorageFailed."""
    head = _encoder.encode(_Head(snapshot.index, snapshot.term, snapshot.configuration))
    start = _START.pack(MAGIC, VERSION, 0, len(head)) + head
    crc = crc32c(start)
    position = file.write([start + _CRC.pack(crc)], 0)
    for part in _limited(parts):
        crc = crc32c(part, crc)
        position += file.write([_PART.pack(len(part), crc), part], position)
    return position + file.write([_PART.pack(0, crc)], position)


def _limited(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts that are not empty and not over the limit."""
    for part in parts:
        for start in range(0, len(part), PART_LIMIT_BYTES):
            yield part[start : start + PART_LIMIT_BYTES]


def read_head(file: File) -> tuple[Snapshot, int, int]:
    """What the snapshot is of, where its parts begin, and the CRC up to there. Raises CorruptLog, StorageFailed."""
    start = file.read(_START.size, 0)
    if len(start) < _START.size:
        raise CorruptLog(file.path, len(start), "the file ends inside its beginning")
    magic, version, _, length = _START.unpack(start)
    if magic != MAGIC or version != VERSION or length > HEAD_LIMIT_BYTES:
        raise CorruptLog(file.path, 0, f"no snapshot of version {VERSION} begins with {start!r}")
    end = _START.size + length
    head = file.read(length + _CRC.size, _START.size)
    crc = crc32c(start + head[:length])
    if len(head) < length + _CRC.size or _CRC.unpack_from(head, length)[0] != crc:
        raise CorruptLog(file.path, _START.size, "the CRC of the head does not match its bytes")
    try:
        found = _decoder.decode(head[:length])
    except msgspec.DecodeError as error:
        raise CorruptLog(file.path, _START.size, f"the head is none: {error}") from error
    return Snapshot(found.index, found.term, found.configuration), end + _CRC.size, crc


def read_parts(file: File) -> Iterator[bytes]:
    """The parts in their order, each one checked before it is handed out. Raises CorruptLog, StorageFailed."""
    _, position, crc = read_head(file)
    while True:
        frame = file.read(_PART.size, position)
        if len(frame) < _PART.size:
            raise CorruptLog(file.path, position, "the file ends before the snapshot does")
        length, stored = _PART.unpack(frame)
        if length > PART_LIMIT_BYTES:
            raise CorruptLog(file.path, position, f"a part of {length} bytes is over the limit of {PART_LIMIT_BYTES}")
        part = file.read(length, position + _PART.size)
        crc = crc32c(part, crc)
        if len(part) < length or crc != stored:
            raise CorruptLog(file.path, position, "the CRC of a part does not match its bytes")
        position += _PART.size + length
        if not length:
            _check_end(file, position)
            return
        yield part


def _check_end(file: File, position: int) -> None:
    if file.size() != position:
        raise CorruptLog(file.path, position, "bytes follow the end of the snapshot")


def check_snapshot(file: File) -> Snapshot:
    """What a whole snapshot is of. Raises CorruptLog, StorageFailed."""
    snapshot, _, _ = read_head(file)
    for _ in read_parts(file):
        pass
    return snapshot
