"""The headers in front of requests and responses.

    request v0    api key int16 | api version int16 | correlation id int32      (no API that we serve)
    request v1    the same | client id nullable string
    request v2    the same | client id nullable string, not compact | tagged fields
    response v0   correlation id int32
    response v1   correlation id int32 | tagged fields

The version of a header follows from the API and the version of the message: flexible messages have the later header,
and the response to ApiVersions always has v0, because the client does not know yet what the broker speaks (KIP-511).

Lives here: reading and writing headers. Must not live here: lengths of frames (`frame`), messages.
"""

from __future__ import annotations

from struct import Struct, error
from typing import Final, NamedTuple

from cordwood.model.errors import ProtocolError
from cordwood.wire.apis import APIS, Api
from cordwood.wire.primitives import skip_tagged

_FIXED: Final = Struct(">hhih")
_RESPONSE_V0: Final = Struct(">i")
_RESPONSE_V1: Final = Struct(">ix")


class UnsupportedApi(ProtocolError):
    """A request for an API that is not served; as Kafka does, the connection is closed."""

    def __init__(self, api_key: int, api_version: int) -> None:
        super().__init__(
            f"the request is for API key {api_key}, version {api_version}, which is not served; "
            "a client may ask only for what ApiVersions offers"
        )
        self.api_key = api_key
        self.api_version = api_version


class RequestHeader(NamedTuple):
    """What stands before every request."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None
    size: int
    """Size of the header in bytes: the request begins there."""


def parse_request_header(frame: memoryview) -> RequestHeader:
    """Reads the header at the beginning of a frame (without its length).

    The version is not checked, because ApiVersions has to be answered even for one that nobody knows.

    :raises UnsupportedApi: for a key that is not in the table
    :raises ProtocolError: for bytes that are no header
    """
    try:
        api_key, api_version, correlation_id, length = _FIXED.unpack_from(frame)
        position = _FIXED.size
        api = APIS.get(api_key)
        if api is None:
            raise UnsupportedApi(api_key, api_version)
        client_id = None
        if length > 0:
            client_id = str(frame[position : position + length], "utf-8")
            position += length
        elif length == 0:
            client_id = ""
        if api.is_flexible(api_version):
            count = frame[position]
            position += 1
            if count:
                position = skip_tagged(frame, position, count)
    except (error, IndexError) as cause:
        raise ProtocolError(f"the frame of {len(frame)} bytes ends inside its request header") from cause
    except UnicodeDecodeError as cause:
        raise ProtocolError(f"the client id is not UTF-8: {cause}") from cause
    if position > len(frame):
        raise ProtocolError(f"the frame of {len(frame)} bytes ends inside its request header")
    return RequestHeader(api_key, api_version, correlation_id, client_id, position)


def request_header(api: Api, version: int, correlation_id: int, client_id: str | None) -> bytes:
    """The header for a request, for tests and tools."""
    name = b"" if client_id is None else client_id.encode()
    length = -1 if client_id is None else len(name)
    tagged_fields = b"\0" if api.is_flexible(version) else b""
    return _FIXED.pack(api.key, version, correlation_id, length) + name + tagged_fields


def response_header(api: Api, version: int, correlation_id: int) -> bytes:
    """The header for a response."""
    layout = _RESPONSE_V1 if api.has_flexible_response_header(version) else _RESPONSE_V0
    return layout.pack(correlation_id)


def parse_response_header(frame: memoryview, api: Api, version: int) -> tuple[int, int]:
    """The correlation id of a response, and where the response begins, for tests and tools."""
    try:
        (correlation_id,) = _RESPONSE_V0.unpack_from(frame)
        position = _RESPONSE_V0.size
        if api.has_flexible_response_header(version):
            position = skip_tagged(frame, position + 1, frame[position])
    except (error, IndexError) as cause:
        raise ProtocolError(f"the frame of {len(frame)} bytes ends inside its response header") from cause
    return correlation_id, position
