"""A connection on which requests in Kafka's protocol are asked one after the other, by our own codec: to any server of it.

Client libraries hide how long an answer took behind their own work; here it is the time of the server and of loopback.

Lives here: that connection. Must not live here: what is asked.
"""

from __future__ import annotations

import socket
import struct
from types import TracebackType
from typing import Final, Self, TypeVar, cast

from bench.generator import BenchError
from cordwood.wire.apis import DECLARED
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import join, request_frame
from cordwood.wire.header import parse_response_header
from cordwood.wire.schema import Message

M = TypeVar("M", bound=Message)

TIMEOUT_S: Final = 300.0
"""Ten thousand partitions may take a server a while."""


class Conversation:
    """One connection, while the context lasts. Raises OSError where nobody answers."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._last_id = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def frame(self, request: Message, version: int) -> memoryview:
        """Asks, and returns the frame of the answer as it came."""
        self._last_id += 1
        self._socket.sendall(join(request_frame(request.api_key, version, self._last_id, "bench", request)))
        (size,) = struct.unpack(">i", self._exactly(4))
        return self._exactly(size)

    def ask(self, request: Message, version: int, answer: type[M]) -> M:
        """Asks, and returns the answer."""
        frame = self.frame(request, version)
        api = DECLARED[request.api_key]
        _, start = parse_response_header(frame, api, version)
        return cast("M", decoder(api.response, version)(frame, start)[0])

    def _exactly(self, size: int) -> memoryview:
        data = memoryview(bytearray(size))
        at = 0
        while at < size:
            count = self._socket.recv_into(data[at:])
            if not count:
                raise BenchError("the server closed the connection")
            at += count
        return data
