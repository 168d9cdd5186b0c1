"""One connection to one broker, blocking, and the time that is left for it.

Lives here: a socket, and frames. Must not live here: who is asked (quorum_client.py), and what.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from cordwood.cli.client.deadline import Deadline
from cordwood.model.errors import ProtocolError
from cordwood.node.addresses import HostPort
from cordwood.wire.apis import DECLARED
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import join, request_frame
from cordwood.wire.header import parse_response_header
from cordwood.wire.schema import Message

CLIENT_ID: Final = "cordwood-cluster"
ANSWER_LIMIT_BYTES: Final = 64 << 20

Wrap: TypeAlias = Callable[[socket.socket], socket.socket]
"""Makes a connected socket one that speaks TLS, say."""


class NotAnAnswer(ProtocolError):
    """What came in place of an answer is not one; `beginning` are its first bytes."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__(f"an answer of {int.from_bytes(beginning, 'big', signed=True)} bytes is none")
        self.beginning = beginning


class Connection:
    """One connection to one broker. Its errors are OSError (TimeoutError among them) and ProtocolError."""

    def __init__(self, place: HostPort, deadline: Deadline, wrap: Wrap | None = None) -> None:
        plain = socket.create_connection((place.host, place.port), deadline.left_s)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket = plain if wrap is None else wrap(plain)
        except BaseException:
            plain.close()
            raise
        self._correlation_id = 0

    def ask(self, message: Message, version: int, deadline: Deadline) -> Any:  # noqa: ANN401 - the response of the API
        """The answer to a request."""
        self._correlation_id += 1
        api = DECLARED[message.api_key]
        self._socket.settimeout(deadline.left_s)
        self._socket.sendall(join(request_frame(api.key, version, self._correlation_id, CLIENT_ID, message)))
        beginning = self._read(4, deadline)
        size = int.from_bytes(beginning, "big", signed=True)
        if not 4 <= size <= ANSWER_LIMIT_BYTES:
            raise NotAnAnswer(beginning)
        frame = memoryview(self._read(size, deadline))
        correlation_id, start = parse_response_header(frame, api, version)
        if correlation_id != self._correlation_id:
            raise ProtocolError(f"number {self._correlation_id} was asked, number {correlation_id} is answered")
        response, _ = decoder(api.response, version)(frame, start)
        return response

    def _read(self, size: int, deadline: Deadline) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._socket.settimeout(deadline.left_s)
            more = self._socket.recv(min(size - len(data), 1 << 16))
            if not more:
                raise ConnectionResetError("it closed the connection")
            data += more
        return bytes(data)

    def close(self) -> None:
        """Ends it."""
        self._socket.close()
