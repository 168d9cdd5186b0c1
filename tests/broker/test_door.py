"""Before the broker is ready peers are let in, and nobody else; afterwards the door is not felt."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from cordwood.broker.context import Session, Threshold
from cordwood.broker.dispatch import HANDLERS, PEER_HANDLERS
from cordwood.broker.door import Door
from cordwood.env.clock import SystemClock
from cordwood.env.dice import SeededDice
from cordwood.model.errors import ProtocolError
from cordwood.observe.requests import RequestCounts
from cordwood.peers.identity import Peer, hello_to
from cordwood.server.listener import Listener, ListenerConfig
from cordwood.sim.loop import new_loop
from cordwood.testing import Server
from cordwood.wire.apis import APIS, ApiKey
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import request_frame
from cordwood.wire.header import parse_response_header
from cordwood.wire.messages.metadata import MetadataRequest
from cordwood.wire.messages.peer_message import PeerMessageRequest
from cordwood.wire.schema import Message
from tests.peers.conftest import OTHER, OWN
from tests.peers.test_reception import Desk

HELLO = hello_to(Peer(OWN.node_id, "here", 9092), OTHER)


def framed(message: Message, version: int) -> bytes:
    return b"".join(cast("list[bytes]", request_frame(message.api_key, version, 1, None, message)))


def answered(key: int, version: int, parts: Any) -> Any:
    frame = memoryview(b"".join(parts))[4:]
    _, start = parse_response_header(frame, APIS[key], version)
    return decoder(APIS[key].response, version)(frame, start)[0]


class Entrance:
    """A door, and what stands behind it."""

    def __init__(self) -> None:
        self.desk = Desk()
        loop = new_loop(SeededDice(1))
        self.threshold = Threshold(clock=SystemClock(), counts=RequestCounts(), loop=loop, peers=self.desk.reception)
        self.door = Door()
        self.door.let_peers_in(self.threshold)
        self.session = self.door.open_session("PLAINTEXT", "10.0.0.2:40000", lambda _: None)

    def ask(self, message: Message, version: int) -> Any:
        frame = memoryview(framed(message, version))[4:]
        parts = self.door.handle(self.session, frame)
        return None if parts is None else answered(message.api_key, version, parts)


def test_peers_are_let_in_before_the_broker_is_ready():
    entrance = Entrance()
    assert entrance.ask(HELLO, 0).node_id == 1
    assert entrance.ask(PeerMessageRequest(frame=memoryview(b"one")), 0) is None
    assert entrance.desk.taken == [(2, b"one")]


@pytest.mark.parametrize("key", sorted(set(HANDLERS) - set(PEER_HANDLERS)))
def test_nobody_else_is(key):
    entrance = Entrance()
    api = APIS[key]
    with pytest.raises(ProtocolError, match="lets in nobody but other brokers"):
        entrance.ask(api.request(), api.served.last)
    assert entrance.threshold.counts.rejected == 1


def test_at_first_nobody_is():
    entrance = Entrance()
    with pytest.raises(ProtocolError, match="lets nobody in"):
        Door().handle(entrance.session, memoryview(framed(HELLO, 0))[4:])


def test_everybody_is_let_in_afterwards():
    entrance = Entrance()
    entrance.ask(HELLO, 0)
    with Server() as server:
        context = server.node.context
        entrance.door.open(context)
        assert entrance.ask(MetadataRequest(topics=[]), 9).cluster_id == context.image.cluster_id
        assert entrance.session.peer_id == 2


def test_an_open_door_is_the_dispatchers_own():
    entrance = Entrance()
    closed = entrance.door.handle
    with Server() as server:
        entrance.door.open(server.node.context)
    assert entrance.door.handle != closed
    assert "handle" in vars(entrance.door)
    assert type(entrance.door.handle.__self__).__name__ == "Dispatcher"  # type: ignore[attr-defined]  # a bound method


def test_the_api_table_and_the_peers_agree():
    assert {ApiKey.PEER_HELLO, ApiKey.PEER_MESSAGE} == set(PEER_HANDLERS) <= set(HANDLERS)


@pytest.mark.asyncio
async def test_a_client_that_comes_too_early_loses_its_connection_and_no_peer_does():
    entrance = Entrance()
    listener: Listener[Session] = Listener(entrance.door, ListenerConfig("PLAINTEXT", "127.0.0.1", 0))
    await listener.bind()
    await listener.serve()
    async with asyncio.timeout(30):
        peer_reader, peer_writer = await asyncio.open_connection("127.0.0.1", listener.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(framed(MetadataRequest(topics=[]), 9))
        assert await reader.read() == b""
        peer_writer.write(framed(HELLO, 0))
        assert len(await peer_reader.readexactly(4)) == 4
    for end in (writer, peer_writer):
        end.close()
    await listener.stop_accepting()
    await listener.drain(1_000)
