"""A broker that answers what a test says, on a port of the loopback.

Lives here: its socket and its thread. Must not live here: tests.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeAlias

from cordwood.node.addresses import HostPort
from cordwood.wire.apis import DECLARED
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import join, response_frame
from cordwood.wire.header import parse_request_header
from cordwood.wire.schema import Message

Script: TypeAlias = Callable[[Any], "Message | bytes | None"]
"""The answer to a request: a response, bytes as they are, or None to close the connection."""


class ScriptedBroker:
    """Entered for as long as it listens. `asked` are the requests that came."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Message] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = HostPort("127.0.0.1", self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            # The client may go in the midst of an answer.
            with suppress(ConnectionError), connection, connection.makefile("rb") as received:
                while size := received.read(4):
                    answer = self._answer(received.read(int.from_bytes(size, "big")))
                    if answer is None:
                        break
                    connection.sendall(answer)

    def _answer(self, frame: bytes) -> bytes | None:
        view = memoryview(frame)
        header = parse_request_header(view)
        request, _ = decoder(DECLARED[header.api_key].request, header.api_version)(view, header.size)
        self.asked.append(request)
        answer = self.script(request)
        if answer is None or isinstance(answer, bytes):
            return answer
        return join(response_frame(header.api_key, header.api_version, header.correlation_id, answer))
