"""Frames: a length, and as many bytes.

    length int32 | header | message

Lives here: cutting received bytes into frames, and making whole frames of messages. Must not live here: sockets, and
any state: the caller keeps the bytes that do not make a frame yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Final, NamedTuple, cast

from cordwood.model.errors import ProtocolError
from cordwood.wire.apis import APIS, DECLARED
from cordwood.wire.compiler import Part, encoder
from cordwood.wire.header import request_header
from cordwood.wire.schema import Message

LENGTH_SIZE_BYTES: Final = 4
_LENGTH: Final = Struct(">i")
_READ_LENGTH: Final = _LENGTH.unpack_from
_LENGTH_AND_V0: Final = Struct(">ii").pack
_LENGTH_AND_V1: Final = Struct(">iix").pack

_HTTP_METHODS: Final = (b"GET ", b"POST", b"HEAD", b"PUT ", b"DELE", b"OPTI", b"PATC", b"CONN", b"PRI ")
_TLS_HANDSHAKE: Final = b"\x16\x03"


class Frames(NamedTuple):
    """What a buffer of received bytes holds."""

    frames: list[memoryview]
    """The whole frames, without their lengths: slices of the buffer."""
    consumed: int
    """How many bytes of the buffer these frames took."""
    needed: int
    """How many bytes are missing until the next frame is whole, or until its length can be read: at least 1."""


def split_frames(received: memoryview, limit_bytes: int) -> Frames:
    """Cuts received bytes into frames.

    :raises ProtocolError: when the first frame has a negative length or one over the limit; if good frames come before
        it, they are returned and the error is raised by the next call
    """
    frames: list[memoryview] = []
    position, end = 0, len(received)
    while end - position >= LENGTH_SIZE_BYTES:
        (length,) = _READ_LENGTH(received, position)
        if not 0 <= length <= limit_bytes:
            if frames:
                return Frames(frames, position, 1)
            raise ProtocolError(_what_arrived(bytes(received[position : position + 4]), length, limit_bytes))
        start = position + LENGTH_SIZE_BYTES
        stop = start + length
        if stop > end:
            return Frames(frames, position, stop - end)
        frames.append(received[start:stop])
        position = stop
    return Frames(frames, position, LENGTH_SIZE_BYTES - (end - position))


def _what_arrived(first: bytes, length: int, limit_bytes: int) -> str:
    if first in _HTTP_METHODS:
        return f"the peer speaks HTTP (it sent {first.decode()!r}) to a Kafka port: use the HTTP listener for that"
    if first.startswith(_TLS_HANDSHAKE):
        return "the peer began a TLS handshake on a port without TLS: set security.protocol=PLAINTEXT in the client"
    if length < 0:
        return f"the peer sent a frame of the negative length {length}: it does not speak the Kafka protocol"
    return f"the peer sent a frame of {length} bytes, over the limit of {limit_bytes} (socket.request.max.bytes)"


def response_frame(api_key: int, version: int, correlation_id: int, message: Message) -> list[Part]:
    """A whole response: length and header as the first part, then the parts of the message."""
    parts: list[Part] = [b""]
    encoder(type(message), version)(message, parts)
    size = LENGTH_SIZE_BYTES + sum(map(len, parts))
    if APIS[api_key].has_flexible_response_header(version):
        parts[0] = _LENGTH_AND_V1(size + 1, correlation_id)
    else:
        parts[0] = _LENGTH_AND_V0(size, correlation_id)
    return parts


def frame_size(parts: Sequence[Part]) -> int:
    """The bytes of a whole frame, as its first part says: there may be many others to count."""
    first = cast("bytes", parts[0])
    return LENGTH_SIZE_BYTES + int.from_bytes(first[:LENGTH_SIZE_BYTES], "big")


def request_frame(
    api_key: int, version: int, correlation_id: int, client_id: str | None, message: Message
) -> list[Part]:
    """A whole request, as a client sends it: a broker that asks another, a tool, a test."""
    header = request_header(DECLARED[api_key], version, correlation_id, client_id)
    parts: list[Part] = [b"", header]
    encoder(type(message), version)(message, parts)
    parts[0] = _LENGTH.pack(sum(map(len, parts)))
    return parts


def join(parts: Iterable[Part]) -> bytes:
    """The bytes of parts none of which is an opaque payload."""
    return b"".join(parts)  # type: ignore[arg-type]  # the caller says that every part is bytes
