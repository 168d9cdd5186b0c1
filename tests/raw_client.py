"""A client that sends any request in any version and gives back the decoded answer: for tests that look at the protocol.

It is as plain as can be: one blocking socket, no retries, no metadata.
"""

from __future__ import annotations

import socket
import struct
from types import TracebackType
from typing import Any, Self

from cordwood.wire.apis import APIS
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import join, request_frame
from cordwood.wire.schema import Message

DEADLINE_SECONDS = 20.0


class RawClient:
    """One connection."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection((host, port), DEADLINE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._correlation = 0
        self._expected: list[tuple[int, int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def ask(self, message: Message, version: int) -> Any:
        """Sends one request and waits for its answer."""
        self.send(message, version)
        return self.receive()

    def send(self, message: Message, version: int, *, answered: bool = True) -> None:
        """Sends a request without waiting; `answered` is False for those that get no answer."""
        self._correlation += 1
        key = message.api_key
        if answered:
            self._expected.append((key, version, self._correlation))
        self._socket.sendall(join(request_frame(key, version, self._correlation, "raw", message)))

    def send_bytes(self, data: bytes) -> None:
        """Sends anything."""
        self._socket.sendall(data)

    def receive(self) -> Any:
        """The answer to the oldest unanswered request."""
        key, version, correlation = self._expected.pop(0)
        frame = self.receive_frame()
        api = APIS[key]
        assert struct.unpack_from(">i", frame)[0] == correlation, "answers came in another order"
        flexible_header = api.is_flexible(version) and key != 18
        response, end = decoder(api.response, version)(memoryview(frame), 5 if flexible_header else 4)
        assert end == len(frame), "bytes after the answer"
        return response

    def receive_frame(self) -> bytes:
        """The next frame, undecoded."""
        (size,) = struct.unpack(">i", self._read(4))
        return self._read(size)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionResetError("the broker closed the connection")
            data += more
        return data

    def closed_by_peer(self) -> bool:
        """Waits for the end of the connection."""
        try:
            while self._socket.recv(65536):
                pass
        except ConnectionResetError:
            return True
        return True
