"""Small files that are replaced whole: either the old bytes are found after a crash or the new ones, never a mixture.

      0       4         6          8        12       16
      +-------+---------+----------+--------+--------+-- ... --+
      | kind  | version | reserved | length | CRC-32C| payload |       little-endian; the CRC covers the other 12 bytes
      +-------+---------+----------+--------+--------+-- ... --+       of the head and the payload
       4 ASCII  u16       u16 (0)    u32      u32

Kinds and their payloads: docs/formats/checkpoints.md and snapshot.md.

Lives here: the envelope and the replacement. Must not live here: what a payload means.

| step of `replace`                | if the process dies or the power fails here        |
|----------------------------------|-----------------------------------------------------|
| write `<name>.new`, fdatasync    | the old file stands; the leftover is overwritten     |
| rename over the old file         | either file stands, each of them whole               |
| fsync of the directory           | the new file stands                                  |
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from crc32c import crc32c

from cordwood.model.errors import CorruptLog

if TYPE_CHECKING:
    from cordwood.env.disk import Disk

NEW_SUFFIX: Final = ".new"

_HEAD: Final = Struct("<4sHHI")
_CRC: Final = Struct("<I")
_PAYLOAD_START: Final = _HEAD.size + _CRC.size


class Kind(NamedTuple):
    """What a file is, and the newest version of its payload that this program writes."""

    name: bytes
    version: int


def encode(kind: Kind, payload: bytes) -> bytes:
    """The whole file."""
    head = _HEAD.pack(kind.name, kind.version, 0, len(payload))
    return head + _CRC.pack(crc32c(payload, crc32c(head))) + payload


class Loaded(NamedTuple):
    """What a file holds, in the version that it was written in."""

    version: int
    payload: bytes


def decode(kind: Kind, data: bytes, path: str) -> bytes:
    """The payload of a file. Raises CorruptLog, which names `path`."""
    return decode_any(kind, data, path).payload


def decode_any(kind: Kind, data: bytes, path: str) -> Loaded:
    """The payload of a file and its version. Raises CorruptLog, which names `path`."""
    if len(data) < _PAYLOAD_START:
        raise CorruptLog(path, len(data), f"the file ends inside its head of {_PAYLOAD_START} bytes")
    name, version, _, length = _HEAD.unpack_from(data)
    if name != kind.name:
        raise CorruptLog(path, 0, f"it begins with {name!r} where {kind.name!r} is expected")
    payload = data[_PAYLOAD_START : _PAYLOAD_START + length]
    (crc,) = _CRC.unpack_from(data, _HEAD.size)
    if len(payload) < length or crc32c(payload, crc32c(data[: _HEAD.size])) != crc:
        raise CorruptLog(path, _HEAD.size, "the CRC does not match the bytes")
    if not 1 <= version <= kind.version:
        raise CorruptLog(path, 4, f"it has version {version}, this program knows up to {kind.version}")
    return Loaded(version, payload)


def replace(disk: Disk, path: str, kind: Kind, payload: bytes, *, syncs_name: bool = True) -> None:
    """Puts a new file in the place of the old one, durably. Raises StorageFailed, and then the old one stands.

    Without `syncs_name` the caller syncs the directory before anybody relies on the new file.
    """
    temporary = path + NEW_SUFFIX
    file = disk.open(temporary, create=True)
    try:
        file.truncate(0)
        file.write([encode(kind, payload)], 0)
        file.datasync()
    finally:
        file.close()
    disk.rename(temporary, path)
    if syncs_name:
        disk.sync_directory(path.rpartition("/")[0] or ".")


def load(disk: Disk, path: str, kind: Kind) -> bytes | None:
    """The payload of the file, or None when there is no file. Raises CorruptLog."""
    loaded = load_any(disk, path, kind)
    return None if loaded is None else loaded.payload


def load_any(disk: Disk, path: str, kind: Kind) -> Loaded | None:
    """What the file holds, for kinds whose payload changed; None when there is no file. Raises CorruptLog."""
    if not disk.exists(path):
        return None
    file = disk.open(path)
    try:
        data = file.read(file.size(), 0)
    finally:
        file.close()
    return decode_any(kind, data, path)
