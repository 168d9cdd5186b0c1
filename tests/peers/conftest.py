"""A peer that does as it is told, on both grounds: the simulated network, and sockets of this machine under uvloop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import pytest
import uvloop

from cordwood.env.dice import Dice, SeededDice
from cordwood.peers.config import PeerConfig
from cordwood.peers.dialing import Dialer
from cordwood.peers.identity import Identity, Peer, answer
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import response_frame, split_frames
from cordwood.wire.header import RequestHeader, parse_request_header
from cordwood.wire.messages.api_versions import ApiVersionsResponse
from cordwood.wire.messages.peer_hello import PeerHelloRequest
from cordwood.wire.messages.peer_message import PeerMessageRequest
from tests.sim.conftest import Rig

OWN = Identity("cluster-1", 1, b"1" * 16, "here", 9092)
OTHER = Identity("cluster-1", 2, b"2" * 16, "there", 9092)

PATIENT = PeerConfig(timeout_ms=10_000, answer_timeout_ms=10_000, backoff_ms=5, backoff_max_ms=20)
"""For what goes well: a busy machine must not be taken for a dead peer."""

IMPATIENT = PeerConfig(timeout_ms=60, answer_timeout_ms=60, backoff_ms=5, backoff_max_ms=20)
"""For peers that are meant to be found dead."""


class FakePeer:
    """A broker at the other end. Its fields say how it behaves from now on; what it was sent is in `messages`."""

    def __init__(self, identity: Identity = OTHER) -> None:
        self.identity = identity
        self.is_silent = False
        """It answers nothing."""
        self.is_deaf = False
        """It reads nothing from new connections."""
        self.sends_instead: bytes | None = None
        """What it sends in place of any answer."""
        self.error: tuple[int, str] | None = None
        """With which it refuses hellos."""
        self.waits = False
        """It keeps answers to other requests than hellos back."""
        self.hellos: list[PeerHelloRequest] = []
        self.messages: list[bytes] = []
        self.headers: list[RequestHeader] = []
        self.connections: list[FakeConnection] = []
        self.accepted = 0

    def accept(self) -> FakeConnection:
        """The protocol of a new connection."""
        self.accepted += 1
        return FakeConnection(self)

    def hang_up(self) -> None:
        """Breaks every connection."""
        for connection in list(self.connections):
            connection.transport.abort()

    def listen_again(self) -> None:
        """Reads on from every connection."""
        for connection in self.connections:
            connection.transport.resume_reading()


class FakeConnection(asyncio.Protocol):
    """The peer's end of a connection."""

    def __init__(self, peer: FakePeer) -> None:
        self.peer = peer
        self.transport: asyncio.Transport
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.peer.connections.append(self)
        if self.peer.is_deaf:  # In a step of its own: uvloop begins to read after this call.
            asyncio.get_running_loop().call_soon(self.transport.pause_reading)

    def connection_lost(self, exc: Exception | None) -> None:
        self.peer.connections.remove(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        found = split_frames(memoryview(bytes(self._received)), 64 << 20)
        del self._received[: found.consumed]
        for frame in found.frames:
            self._handle(frame)

    def _handle(self, frame: memoryview) -> None:
        peer = self.peer
        header = parse_request_header(frame)
        peer.headers.append(header)
        if header.api_key == PeerMessageRequest.api_key:
            request, _ = decoder(PeerMessageRequest, header.api_version)(frame, header.size)
            assert request.frame is not None
            peer.messages.append(bytes(request.frame))
            return
        if header.api_key == PeerHelloRequest.api_key:
            peer.hellos.append(decoder(PeerHelloRequest, header.api_version)(frame, header.size)[0])
        if peer.is_silent or (peer.waits and header.api_key != PeerHelloRequest.api_key):
            return
        if peer.sends_instead is not None:
            self.transport.write(peer.sends_instead)
            return
        self.answer(header)

    def answer(self, header: RequestHeader) -> None:
        """Sends the answer to a request."""
        response: Any = ApiVersionsResponse(throttle_time_ms=header.correlation_id)
        if header.api_key == PeerHelloRequest.api_key:
            response = answer(self.peer.identity)
            if self.peer.error is not None:
                response.error_code, response.error_message = self.peer.error
        parts = response_frame(header.api_key, header.api_version, header.correlation_id, response)
        self.transport.write(b"".join(cast("list[bytes]", parts)))


class Ground:
    """Where a story is played: `run` plays it, `serve` puts a peer there."""

    def __init__(self, loop: asyncio.AbstractEventLoop, dice: Dice) -> None:
        self.loop = loop
        self.dice = dice
        self._there: list[tuple[FakePeer, asyncio.Server]] = []

    def run(self, story: Callable[[], Awaitable[Any]]) -> Any:
        """Plays a story to its end; then every peer is gone."""

        async def bounded() -> Any:
            try:
                async with asyncio.timeout(60):
                    return await story()
            finally:
                for fake, server in self._there:
                    server.close()
                    fake.hang_up()
                await self.until(lambda: not any(fake.connections for fake, _ in self._there))

        return self.play(bounded)

    def play(self, story: Callable[[], Awaitable[Any]]) -> Any:
        """As `run`, without a bound."""
        return self.loop.run_until_complete(story())

    async def serve(self, fake: FakePeer, port: int = 0) -> tuple[Peer, asyncio.Server]:
        """Has a peer listen; where it is, and its server."""
        server = await self.loop.create_server(fake.accept, "127.0.0.1", port)
        return self._is_there(fake, "127.0.0.1", server)

    def _is_there(self, fake: FakePeer, host: str, server: asyncio.Server) -> tuple[Peer, asyncio.Server]:
        self._there.append((fake, server))
        return Peer(fake.identity.node_id, host, server.sockets[0].getsockname()[1]), server

    def dialer(self, config: PeerConfig = PATIENT, own: Identity = OWN) -> Dialer:
        """What dials in the name of this broker."""
        return Dialer(self.loop, self.dice, lambda: own, config)

    async def until(self, condition: Callable[[], object]) -> None:
        """Until something is so."""
        while not condition():
            await self.moment()

    async def moment(self) -> None:
        """A millisecond of the loop's time."""
        over = self.loop.create_future()
        self.loop.call_later(0.001, over.set_result, None)
        await over


class SimulatedGround(Ground):
    """Two hosts of the simulated network: the story is played on one, peers are on the other."""

    def __init__(self) -> None:
        self.rig = Rig(7)
        super().__init__(self.rig.loop, SeededDice(8))

    def play(self, story: Callable[[], Awaitable[Any]]) -> Any:
        return self.rig.run(self.rig.a, story)

    async def serve(self, fake: FakePeer, port: int = 0) -> tuple[Peer, asyncio.Server]:
        async def listen() -> Any:
            return await self.loop.create_server(fake.accept, "b", port)

        server = await self.rig.start(self.rig.b, listen)
        return self._is_there(fake, "b", server)


@pytest.fixture(params=["simulated", "sockets"])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    made = SimulatedGround() if request.param == "simulated" else Ground(uvloop.new_event_loop(), SeededDice(8))
    yield made
    if isinstance(made, SimulatedGround):
        assert not made.rig.loop.unhandled
    made.loop.close()
