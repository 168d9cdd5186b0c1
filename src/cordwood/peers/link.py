"""The way to one peer for messages that may get lost: a queue that drops, and a connection that comes back.

      send ──> queue ──turn──> one write for all that is queued ──> the peer
                 │ full, or no connection in sight: dropped, and the caller is told

Lives here: one link. Must not live here: which peers there are (`links`), and what the messages say.

1. `send` never waits. What is queued together leaves together.
2. A broken connection takes what is queued with it: a message that is late is worth less than the next one.
3. Nobody but the link itself ends it: it dials again and again, later and later, until it is closed.
4. A peer that takes nothing, or says nothing, for `timeout_ms` is taken for dead: it is asked every `heartbeat_ms`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

from cordwood.model.peer_errors import PeerRefused, PeerUnavailable
from cordwood.model.state_table import StateTable
from cordwood.peers.connection import ONE_WAY_ID, PeerConnection
from cordwood.wire.frame import request_frame
from cordwood.wire.messages.peer_message import PeerMessageRequest

if TYPE_CHECKING:
    from cordwood.peers.dialing import Dialer
    from cordwood.peers.identity import Peer

logger = logging.getLogger(__name__)

MESSAGE_REQUEST_VERSION: Final = 0
WRITE_BYTES: Final = 1 << 20
"""What is queued leaves in pieces of about this size."""


class State(Enum):
    """How far the way to the peer is."""

    DIALING = "Dialing"
    """Messages are queued, in the hope that the peer is there."""
    UP = "Up"
    PAUSING = "Pausing"
    """Messages are dropped."""
    CLOSED = "Closed"


class Event(Enum):
    """What can happen to it, in the words of the diagram."""

    GREETED = "the peer answers the hello"
    FAILED = "the peer is not there, or another"
    LOST = "the connection ends"
    DUE = "the pause is over, or the peer calls"
    CLOSED = "closed"


TRANSITIONS: Final = StateTable[State, Event](
    "a link",
    begin=State.DIALING,
    end=State.CLOSED,
    rows={
        State.DIALING: {Event.GREETED: State.UP, Event.FAILED: State.PAUSING, Event.CLOSED: State.CLOSED},
        State.UP: {Event.LOST: State.PAUSING, Event.CLOSED: State.CLOSED},
        State.PAUSING: {Event.DUE: State.DIALING, Event.CLOSED: State.CLOSED},
        State.CLOSED: {Event.CLOSED: State.CLOSED},
    },
)


class Link:
    """The link to one peer. It dials from the moment it is made."""

    def __init__(self, peer: Peer, dialer: Dialer) -> None:
        self.peer = peer
        self._dialer = dialer
        self._config = dialer.config
        self._loop = dialer.loop
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._connection: PeerConnection | None = None
        self._flush_due = False
        self._attempt = 0
        self._wanted = asyncio.Event()
        self.state = State.DIALING
        self.sent = 0
        """Messages that were handed to the connection."""
        self.dropped = 0
        """Messages that were not taken, or were queued when the connection ended."""
        self.reason = "it was not reached yet"
        """Why the peer is not linked, for people; empty while it is."""
        self._running = self._loop.create_task(self._run())
        self._running.add_done_callback(self._ended)

    @property
    def is_up(self) -> bool:
        """Whether the peer is there."""
        return self.state is State.UP

    def send(self, message: bytes) -> bool:
        """Queues a message; False when it was dropped."""
        size = len(message)
        no_room = (
            len(self._queue) >= self._config.queue_messages or self._queued_bytes + size > self._config.queue_bytes
        )
        if no_room or self.state in (State.PAUSING, State.CLOSED):
            self.dropped += 1
            return False
        self._queue.append(message)
        self._queued_bytes += size
        self._flush_soon()
        return True

    def wake(self) -> None:
        """The peer was heard of: if it is not linked, it is dialled now."""
        self._wanted.set()

    async def close(self) -> None:
        """Ends it. What is queued is dropped."""
        self._become(Event.CLOSED)
        self._drop_queue()
        self._running.cancel()
        await asyncio.wait([self._running])

    def _become(self, event: Event) -> None:
        self.state = TRANSITIONS.after(self.state, event)

    def _ended(self, running: asyncio.Task[None]) -> None:
        """A link that ends by itself has lost its way: the peer is out of reach until this broker is started again."""
        if not running.cancelled() and (error := running.exception()) is not None:
            self.reason = f"a fault of this broker: {error}"
            logger.error("the link to %s has failed", self.peer, exc_info=error)

    # The connection.

    async def _run(self) -> None:
        while True:
            try:
                await self._live()
            except (PeerUnavailable, PeerRefused) as error:
                self._give_up(error)
            await self._pause()

    async def _live(self) -> None:
        """From the first packet to the end of one connection, which is told in an error."""
        connection = await self._dialer.dial(self.peer, self._flush_soon)
        try:
            self._connection = connection
            self._become(Event.GREETED)
            self.reason = ""
            logger.info("linked to %s", self.peer)
            self._flush()
            await self._attend(connection)
        finally:
            self._connection = None
            connection.abort("the link has ended")

    async def _attend(self, connection: PeerConnection) -> None:
        """Until the peer is gone. Raises PeerUnavailable, PeerRefused."""
        while True:
            await asyncio.wait([connection.lost], timeout=self._config.heartbeat_ms / 1000)
            await self._dialer.greet(self.peer, connection)
            self._attempt = 0

    def _give_up(self, error: PeerUnavailable | PeerRefused) -> None:
        self._become(Event.LOST if self.is_up else Event.FAILED)
        self._drop_queue()
        if error.reason != self.reason:  # A peer that is away for long is told of once.
            self.reason = error.reason
            logger.warning("%s is not linked: %s", self.peer, error.reason)

    async def _pause(self) -> None:
        self._attempt += 1
        self._wanted.clear()
        try:
            async with asyncio.timeout(self._dialer.pause_s(self._attempt)):
                await self._wanted.wait()
        except TimeoutError:
            pass  # Nobody called: the pause is over all the same.
        self._become(Event.DUE)

    # The queue.

    def _flush_soon(self) -> None:
        """Everything that is sent in one step of the loop shares a write."""
        if not self._flush_due and self._connection is not None:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        connection = self._connection
        while connection is not None and self._queue and not connection.is_blocked:
            connection.write(self._next_write())

    def _next_write(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while self._queue and size < WRITE_BYTES:
            message = self._queue.popleft()
            size += len(message)
            parts += _framed(message)
            self.sent += 1
        self._queued_bytes -= size
        return b"".join(parts)

    def _drop_queue(self) -> None:
        self.dropped += len(self._queue)
        self._queue.clear()
        self._queued_bytes = 0


def _framed(message: bytes) -> list[bytes]:
    request = PeerMessageRequest(frame=memoryview(message))
    return cast("list[bytes]", request_frame(request.api_key, MESSAGE_REQUEST_VERSION, ONE_WAY_ID, None, request))
