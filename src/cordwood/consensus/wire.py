"""What the nodes of a group say to each other, as bytes.

      0         1        5
      +---------+--------+-- ... --+
      | version | CRC    | message |      msgpack, tagged by name, fields in order
      +---------+--------+-- ... --+
       u8        u32 BE   CRC-32C over version and message

Lives here: that frame, and the two messages with which a snapshot travels. Must not live here: connections, and who
handles a message. The length is the business of whoever carries the frame.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, TypeAlias

import msgspec
from crc32c import crc32c

from cordwood.model.consensus_errors import InvalidPeerMessage
from cordwood.raft import Index, Message, PeerMessage, Term

VERSION: Final = 1

_HEAD: Final = Struct(">BI")
_VERSION_CRC: Final = crc32c(bytes([VERSION]))


class SnapshotChunk(Message, frozen=True, tag=True):
    """A piece of a snapshot's file."""

    index: Index
    snapshot_term: Term
    size: int
    """Of the whole file."""
    position: int
    """Where in the file the piece belongs."""
    data: bytes


class SnapshotChunkReply(Message, frozen=True, tag=True):
    """How far the receiver is."""

    index: Index
    snapshot_term: Term
    position: int
    """The piece that it wants next."""
    done: bool = False
    """The snapshot is durable there, or not needed."""


GroupMessage: TypeAlias = PeerMessage | SnapshotChunk | SnapshotChunkReply
"""Everything that can arrive."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[GroupMessage] = msgspec.msgpack.Decoder(GroupMessage)


def encode(message: Message) -> bytes:
    """The frame of a message."""
    payload = _encoder.encode(message)
    return _HEAD.pack(VERSION, crc32c(payload, _VERSION_CRC)) + payload


def decode(frame: bytes | memoryview, max_bytes: int) -> GroupMessage:
    """The message in a frame. Raises InvalidPeerMessage."""
    if not _HEAD.size <= len(frame) <= max_bytes:
        raise InvalidPeerMessage(f"a frame of {len(frame)} bytes is not in [{_HEAD.size}, {max_bytes}]")
    version, crc = _HEAD.unpack_from(frame)
    if version != VERSION:
        raise InvalidPeerMessage(f"it has version {version}, this program knows version {VERSION}")
    payload = memoryview(frame)[_HEAD.size :]
    if crc32c(payload, _VERSION_CRC) != crc:
        raise InvalidPeerMessage("the CRC does not match the bytes")
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise InvalidPeerMessage(str(error)) from error
