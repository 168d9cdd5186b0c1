"""Requests to another broker, each with its answer: for what must not get lost without a word.

Lives here: one channel. Must not live here: what is asked, and whether it is asked again.

1. A request has its answer, or fails: after `answer_timeout_ms` at most once it was sent; `timeout_ms` for a connection and
   again for a hello come before, if there is none. It is sent once; whoever repeats it knows whether it may be done twice.
2. A peer that does not answer in time loses the connection, and with it everything else that it was asked, as with
   Kafka's own clients: the answers come in order, so nothing behind the late one would arrive either.
3. While a peer cannot be reached, requests fail at once between two attempts.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cordwood.model.peer_errors import PeerBusy, PeerRefused, PeerUnavailable

if TYPE_CHECKING:
    from cordwood.peers.connection import PeerConnection
    from cordwood.peers.dialing import Dialer
    from cordwood.peers.identity import Peer
    from cordwood.wire.schema import Message


class Channel:
    """The channel to one broker. It dials when something is to be asked."""

    def __init__(self, peer: Peer, dialer: Dialer) -> None:
        self.peer = peer
        self._dialer = dialer
        self._limit = dialer.config.requests_in_flight
        self._in_flight = 0
        self._connection: PeerConnection | None = None
        self._dialing: asyncio.Task[None] | None = None
        self._attempt = 0
        self._not_before = 0.0
        self._failure: PeerUnavailable | PeerRefused = PeerUnavailable(peer.node_id, "it was not reached yet")
        self._is_closed = False

    async def request(self, message: Message, version: int) -> Message:
        """The peer's answer, of the response class of the API.

        Raises PeerBusy when too much is under way, PeerUnavailable, PeerRefused.
        """
        if self._in_flight >= self._limit:
            raise PeerBusy(self.peer.node_id, f"{self._limit} requests wait for their answers")
        self._in_flight += 1
        try:
            connection = await self._connected()
            asked = connection.request(message, version)
            return await self._dialer.answer(self.peer, connection, asked, self._dialer.config.answer_timeout_ms)
        finally:
            self._in_flight -= 1

    async def close(self) -> None:
        """Ends it. What waits for an answer fails."""
        self._is_closed = True
        self._failure = PeerUnavailable(self.peer.node_id, "the channel was closed")
        if self._dialing is not None:
            self._dialing.cancel()
            await asyncio.wait([self._dialing])
        if self._connection is not None:
            self._connection.abort("the channel was closed")

    async def _connected(self) -> PeerConnection:
        """The connection; everybody who waits for it shares the attempt."""
        if self._connection is not None and not self._connection.lost.done():
            return self._connection
        if self._is_closed or self._dialer.loop.time() < self._not_before:
            raise _again(self._failure)
        if self._dialing is None:
            self._dialing = self._dialer.loop.create_task(self._dial())
        await asyncio.wait([self._dialing])
        if self._connection is None or self._connection.lost.done():
            raise _again(self._failure)
        return self._connection

    async def _dial(self) -> None:
        try:
            self._connection = await self._dialer.dial(self.peer)
            self._attempt = 0
        except (PeerUnavailable, PeerRefused) as error:
            self._connection = None
            self._failure = error
            self._attempt += 1
            self._not_before = self._dialer.loop.time() + self._dialer.pause_s(self._attempt)
        finally:
            self._dialing = None


def _again(error: PeerUnavailable | PeerRefused) -> PeerUnavailable | PeerRefused:
    """The same error for another caller: an exception that is raised twice would gather both their traces."""
    return type(error)(error.node_id, error.reason)
