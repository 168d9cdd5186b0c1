"""One client's connection: frames in, answers out, in order.

Lives here: reading frames, keeping the order of answers, back pressure, closing. Must not live here: what a request
means (the `Service` knows), and threads.

Rules:

1. A request is handed to the service the moment its last byte arrived, as a view of the receive buffer. The service
   has used the view up when it returns.
2. Answers leave in the order of their requests. One that is ready leaves in the write of this wake-up; one that waits
   holds back only the answers behind it.
3. Reading stops while `requests_limit` answers are owed or the socket does not take what is written, so a peer that
   never reads costs one receive buffer and one write queue.
4. Nobody works on for a peer that is gone: the answers that it was owed are cancelled.
5. A peer that sends what is not Kafka loses this connection and nothing else.
6. A connection may be muted for a while: nothing is read from it and no request of it is handed over, also none that
   arrived before; answers go out. It may be closed meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeAlias, TypeVar, cast

from cordwood.model.errors import ProtocolError
from cordwood.server.receive_buffer import ReceiveBuffer
from cordwood.wire.frame import split_frames

logger = logging.getLogger(__name__)

Parts: TypeAlias = "list[bytes | bytearray | memoryview]"
Answer: TypeAlias = "Parts | asyncio.Future[Parts] | None"
"""A ready answer, one to come, or none at all (produce with acks=0)."""

S = TypeVar("S")

JOIN_LIMIT_BYTES: Final = 64 * 1024
"""Answers of one wake-up are joined into one piece up to this size, and written as they are beyond it."""

SMALL_PART_BYTES: Final = 4096
"""Larger answers are joined, too, if their parts are smaller than this on average: a place in a list of buffers costs more
than the copy of so many bytes."""


class Service(Protocol[S]):
    """What stands behind the door."""

    def open_session(self, listener: str, peer: str, mute: Callable[[int], None]) -> S:
        """A new connection, from `peer`, came in at the listener with this name. `mute` is its `Connection.mute`."""
        ...

    def handle(self, session: S, frame: memoryview) -> Answer:
        """Answers one request frame (without its length). Raises ProtocolError if it is not a request."""
        ...

    def close_session(self, session: S) -> None:
        """The connection is gone."""
        ...


class Slot:
    """The place of one answer in the order: it is there, or still to come."""

    __slots__ = ("future", "parts")

    def __init__(self, parts: Parts | None = None, future: asyncio.Future[Parts] | None = None) -> None:
        self.parts = parts
        self.future = future


class Connection(asyncio.BufferedProtocol, Generic[S]):
    """The protocol of one socket. `registry` is told when it opens and closes."""

    def __init__(
        self, service: Service[S], listener: str, registry: Registry, *, frame_limit_bytes: int, requests_limit: int
    ) -> None:
        self._service = service
        self._listener = listener
        self._registry = registry
        self._frame_limit = frame_limit_bytes
        self._requests_limit = requests_limit
        self._buffer = ReceiveBuffer()
        self._owed: deque[Slot] = deque()
        self._out: list[bytes | bytearray | memoryview] = []
        self._write_blocked = False
        self._reading = True
        self._draining = False
        self._unmuting: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self._session: S
        self.peer = "?"
        self.active = True
        """Whether anything arrived since the registry last looked; the registry clears it."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not of that class.
        address = transport.get_extra_info("peername")
        self.peer = f"{address[0]}:{address[1]}" if address else "?"
        self._session = self._service.open_session(self._listener, self.peer, self.mute)
        self._registry.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._draining = True
        if self._unmuting is not None:
            self._unmuting.cancel()
        owed, self._owed = self._owed, deque()
        for slot in owed:
            if slot.future is not None:
                slot.future.cancel()
        self._registry.closed(self)
        self._service.close_session(self._session)

    def eof_received(self) -> bool:
        """The peer is gone, as far as Kafka's protocol knows: nobody closes only one half."""
        return False

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer.room()

    def buffer_updated(self, nbytes: int) -> None:
        self._buffer.received(nbytes)
        self.active = True
        self._handle_frames()
        self._write_out()

    def pause_writing(self) -> None:
        self._write_blocked = True
        self._pause_reading()

    def resume_writing(self) -> None:
        self._write_blocked = False
        self._catch_up()

    # Frames in.

    def _handle_frames(self) -> None:
        """Hands over every whole frame in the buffer, as long as answers may be owed."""
        buffer = self._buffer
        view = buffer.view
        limit = self._frame_limit
        need = 4
        while not self._draining:
            start = buffer.start
            if buffer.end - start < 4:
                break
            size = int.from_bytes(view[start : start + 4], "big")
            if size > limit:
                self._reject_length(view[start : buffer.end])
                return
            if buffer.end - start - 4 < size:
                need = 4 + size
                break
            if self._must_wait():
                self._pause_reading()
                break
            buffer.start = start + 4 + size
            if not self._handle(view[start + 4 : start + 4 + size]):
                return
        buffer.reserve(need)

    def _handle(self, frame: memoryview) -> bool:
        """Whether the connection lives on."""
        try:
            answer = self._service.handle(self._session, frame)
        except ProtocolError as error:
            self._reject(str(error))
            return False
        except Exception:  # A fault of ours costs this connection, not the others, and leaves its trace in the log.
            logger.exception("a request of %s failed without an answer", self.peer)
            self._draining = True
            self._transport.abort()
            return False
        if answer is None:
            return True
        if isinstance(answer, asyncio.Future):
            slot = Slot(future=answer)
            self._owed.append(slot)
            answer.add_done_callback(lambda future: self._answered(slot, future))
        elif self._owed:
            self._owed.append(Slot(answer))
        else:
            self._out.extend(answer)
        return True

    def _reject_length(self, received: memoryview) -> None:
        try:
            split_frames(received, self._frame_limit)
        except ProtocolError as error:
            self._reject(str(error))

    def _reject(self, reason: str) -> None:
        logger.warning("closed the connection of %s: %s", self.peer, reason)
        self._draining = True
        self._write_out()
        self._transport.close()

    # Answers out.

    def _answered(self, slot: Slot, future: asyncio.Future[Parts]) -> None:
        if future.cancelled():
            self._transport.abort()
            return
        if future.exception() is not None:
            logger.error("a request of %s failed without an answer", self.peer, exc_info=future.exception())
            self._transport.abort()
            return
        slot.parts = future.result()
        owed = self._owed
        while owed and (parts := owed[0].parts) is not None:
            owed.popleft()
            self._out.extend(parts)
        self._write_out()
        if self._draining:
            self._close_when_answered()
        elif not self._reading:
            self._catch_up()

    def _write_out(self) -> None:
        out = self._out
        if not out:
            return
        self._out = []
        if len(out) == 1:
            self._transport.write(out[0])
        elif sum(map(len, out)) <= max(JOIN_LIMIT_BYTES, len(out) * SMALL_PART_BYTES):
            self._transport.write(b"".join(out))
        else:
            self._transport.writelines(out)

    # Back pressure and the end.

    def _must_wait(self) -> bool:
        """Whether time has to pass before the peer may ask more, or the peer has to take answers."""
        return self._write_blocked or len(self._owed) >= self._requests_limit or self._unmuting is not None

    def _resume_reading(self) -> None:
        if not self._reading:
            self._reading = True
            self._transport.resume_reading()

    def _pause_reading(self) -> None:
        if self._reading and not self._transport.is_closing():
            self._reading = False
            self._transport.pause_reading()

    def _catch_up(self) -> None:
        """Handles what waited in the buffer, then reads on."""
        if self._write_blocked or self._draining or self._transport.is_closing():
            return
        self._handle_frames()
        self._write_out()
        if not self._must_wait():
            self._resume_reading()

    @property
    def muted(self) -> bool:
        """Whether nothing is read from it because its peer has to wait."""
        return self._unmuting is not None

    def mute(self, milliseconds: int) -> None:
        """Takes no requests for so long, or for as long as it is muted already if that is longer."""
        if self._draining:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + milliseconds / 1000
        if self._unmuting is not None:
            if self._unmuting.when() >= until:
                return
            self._unmuting.cancel()
        self._unmuting = loop.call_at(until, self._unmute)
        self._pause_reading()

    def close_after(self, milliseconds: int) -> None:
        """Takes no requests, and closes after so long."""
        if self._unmuting is not None:
            self._unmuting.cancel()
        self._unmuting = asyncio.get_running_loop().call_later(milliseconds / 1000, self.abort)
        self._pause_reading()

    def _unmute(self) -> None:
        self._unmuting = None
        self._catch_up()

    def _drain(self) -> None:
        self._draining = True
        self._pause_reading()

    def _close_when_answered(self) -> None:
        if not self._owed and not self._transport.is_closing():
            self._transport.close()

    def drain(self) -> None:
        """Takes no more requests; closes once everything owed was answered and written."""
        self._drain()
        self._close_when_answered()

    def abort(self) -> None:
        """Closes at once, whatever is owed."""
        self._transport.abort()

    def shrink(self) -> None:
        """Gives back memory that large frames needed."""
        self._buffer.shrink()


class Registry(Protocol):
    """Who keeps count of the connections."""

    def opened(self, connection: Connection[S]) -> None:
        """A connection is there; it may be aborted at once."""
        ...

    def closed(self, connection: Connection[S]) -> None:
        """A connection is gone."""
        ...
