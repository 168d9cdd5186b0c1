"""Reaching a peer: a connection, and a hello that both ends believe.

Lives here: one attempt, and the pause between two. Must not live here: what the connection is for (`link`, `channel`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from cordwood.model.peer_errors import PeerUnavailable
from cordwood.peers.config import ANSWER_SIZE_LIMIT_BYTES
from cordwood.peers.connection import PeerConnection
from cordwood.peers.identity import HELLO_VERSION, check_answer, hello_to
from cordwood.wire.messages.peer_hello import PeerHelloResponse

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.peers.config import PeerConfig
    from cordwood.peers.identity import Identity, Peer
    from cordwood.wire.schema import Message


class Dialer:
    """Makes connections in the name of this broker."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, dice: Dice, own: Callable[[], Identity], config: PeerConfig
    ) -> None:
        """`own` says who this broker is by now: who joins learns its cluster later."""
        self.loop = loop
        self.config = config
        self._dice = dice
        self._own = own

    async def dial(self, peer: Peer, on_writable: Callable[[], None] = lambda: None) -> PeerConnection:
        """A connection on which both have said who they are. Raises PeerUnavailable, PeerRefused."""

        def new_connection() -> PeerConnection:
            client_id = f"broker-{self._own().node_id}"
            return PeerConnection(self.loop, peer.node_id, client_id, ANSWER_SIZE_LIMIT_BYTES, on_writable)

        try:
            async with asyncio.timeout(self.config.timeout_ms / 1000):
                _, connection = await self.loop.create_connection(new_connection, peer.host, peer.port)
        except TimeoutError as error:
            raise PeerUnavailable(peer.node_id, f"{peer.host}:{peer.port} cannot be reached: it is silent") from error
        except (OSError, ValueError) as error:  # A name that cannot be one is a ValueError: a peer may say anything.
            raise PeerUnavailable(peer.node_id, f"{peer.host}:{peer.port} cannot be reached: {error}") from error
        try:
            await self.greet(peer, connection)
        except BaseException:  # Whatever it was, also that nobody waits any more: the connection is of no use.
            connection.abort("it was not greeted")
            raise
        return connection

    async def greet(self, peer: Peer, connection: PeerConnection) -> None:
        """Says hello, and waits for the answer. Raises PeerUnavailable, PeerRefused."""
        own = self._own()
        asked = connection.request(hello_to(peer, own), HELLO_VERSION)
        response = await self.answer(peer, connection, asked, self.config.timeout_ms)
        assert isinstance(response, PeerHelloResponse), response
        check_answer(self._own(), peer, response)

    async def answer(
        self, peer: Peer, connection: PeerConnection, asked: asyncio.Future[Message], timeout_ms: int
    ) -> Message:
        """Waits for the answer to a request. A peer that is silent loses the connection. Raises PeerUnavailable."""
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                return await asked
        except TimeoutError as error:
            reason = f"it did not answer within {timeout_ms} ms"
            connection.abort(reason)
            raise PeerUnavailable(peer.node_id, reason) from error

    def pause_s(self, attempt: int) -> float:
        """How long to wait after so many attempts in a row that failed: by lot, so that not all come back at once."""
        longest_ms = self.config.pause_ms(attempt)
        return (longest_ms - self._dice.below(longest_ms // 2 + 1)) / 1000
