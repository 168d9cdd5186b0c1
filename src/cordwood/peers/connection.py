"""One connection that this broker opened to another: requests out, answers in.

Lives here: asyncio's protocol of it, correlation ids, and why it ended. Must not live here: when to connect (`dialing`,
`link`, `channel`), and what is asked.

1. Whoever asked learns what became of it: the answer, or PeerUnavailable when the connection ends before.
2. A peer that answers what nobody asked, or sends what is no answer, loses this connection.
3. What arrives is bounded by the largest answer, what leaves by whoever heeds `is_blocked`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from cordwood.model.errors import ProtocolError
from cordwood.model.peer_errors import PeerUnavailable
from cordwood.wire.apis import DECLARED, Api
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import request_frame, split_frames
from cordwood.wire.header import parse_response_header
from cordwood.wire.schema import Message

ONE_WAY_ID: Final = 0
"""The correlation id of what has no answer."""

_ID_LIMIT: Final = 1 << 31


class _Asked(NamedTuple):
    api: Api
    version: int
    answer: asyncio.Future[Message]


class PeerConnection(asyncio.Protocol):
    """A connection to one peer. `on_writable` is called when it takes bytes again."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        node_id: int,
        client_id: str,
        answer_limit_bytes: int,
        on_writable: Callable[[], None] = lambda: None,
    ) -> None:
        self._loop = loop
        self._node_id = node_id
        self._client_id = client_id
        self._answer_limit = answer_limit_bytes
        self._on_writable = on_writable
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._asked: dict[int, _Asked] = {}
        self._last_id = ONE_WAY_ID
        self._reason = "the connection was closed"
        self.is_blocked = False
        """Whether the peer has to take what was written before more should be."""
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done when the connection has ended."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not of that class.

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._reason = f"the connection broke: {exc}"
        self._end()

    def eof_received(self) -> bool:
        """The peer is gone: nobody closes only one half."""
        self._reason = "it closed the connection"
        return False

    def data_received(self, data: bytes) -> None:
        """Hands on the answers in what arrived."""
        self._received += data
        try:
            with memoryview(self._received) as view:
                consumed = self._take(view)
        except ProtocolError as error:
            self.abort(f"it sent what is no answer: {error}")
            return
        del self._received[:consumed]

    def pause_writing(self) -> None:
        self.is_blocked = True

    def resume_writing(self) -> None:
        self.is_blocked = False
        self._on_writable()

    # Asking.

    @property
    def reason(self) -> str:
        """Why it ended, for people."""
        return self._reason

    def request(self, message: Message, version: int) -> asyncio.Future[Message]:
        """Sends a request. The future holds its answer, or raises PeerUnavailable when the connection ends before."""
        answer: asyncio.Future[Message] = self._loop.create_future()
        if self.lost.done():
            answer.set_exception(PeerUnavailable(self._node_id, self._reason))
            return answer
        self._last_id = self._last_id % (_ID_LIMIT - 1) + 1
        self._asked[self._last_id] = _Asked(DECLARED[message.api_key], version, answer)
        parts = request_frame(message.api_key, version, self._last_id, self._client_id, message)
        self.write(b"".join(cast("list[bytes]", parts)))
        return answer

    def write(self, data: bytes) -> None:
        """Sends bytes; into the void when the connection has ended."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self, reason: str) -> None:
        """Ends it at once."""
        if self.lost.done():
            return
        self._reason = reason
        if self._transport is not None:
            self._transport.abort()
        self._end()

    # Answers.

    def _take(self, view: memoryview) -> int:
        """Hands on every whole answer; how many bytes they took. Raises ProtocolError."""
        found = split_frames(view, self._answer_limit)
        for frame in found.frames:
            with frame:
                self._answer(frame)
        return found.consumed

    def _answer(self, frame: memoryview) -> None:
        correlation_id = int.from_bytes(frame[:4], "big")
        asked = self._asked.pop(correlation_id, None)
        if asked is None:
            raise ProtocolError(f"nothing was asked under number {correlation_id}")
        api, version, answer = asked
        try:
            _, start = parse_response_header(frame, api, version)
            response, end = decoder(api.response, version)(frame, start)
            if end != len(frame):
                raise ProtocolError(f"{len(frame) - end} bytes follow the answer to {api.name}")
        except ProtocolError as error:
            _fail(answer, PeerUnavailable(self._node_id, f"its answer cannot be read: {error}"))
            raise
        if not answer.done():
            answer.set_result(response)

    def _end(self) -> None:
        if self.lost.done():
            return
        self.lost.set_result(None)
        self.is_blocked = False
        asked, self._asked = self._asked, {}
        self._received.clear()
        for one in asked.values():
            _fail(one.answer, PeerUnavailable(self._node_id, self._reason))


def _fail(answer: asyncio.Future[Message], error: PeerUnavailable) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # Who asked may have gone; an error that nobody waits for is not worth a line in the log.
