"""A connection to a peer: every question has its answer or its error, and what is no answer ends it."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.model.peer_errors import PeerUnavailable
from cordwood.peers.connection import PeerConnection
from cordwood.wire.frame import request_frame
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from cordwood.wire.messages.peer_message import PeerMessageRequest
from cordwood.wire.schema import Message
from tests.peers.conftest import FakePeer, Ground

ASK = ApiVersionsRequest(client_software_name="peer", client_software_version="1")
VERSION = 3


def number(response: Message) -> int:
    """The correlation id, which the fake peer puts into its answers."""
    assert isinstance(response, ApiVersionsResponse)
    return response.throttle_time_ms


async def connected(ground: Ground, fake: FakePeer, **options) -> PeerConnection:
    peer, _ = await ground.serve(fake)
    _, connection = await ground.loop.create_connection(
        lambda: PeerConnection(ground.loop, 2, "broker-1", 1 << 20, **options), peer.host, peer.port
    )
    return connection


def test_answers_find_who_asked(ground):
    async def story():
        fake = FakePeer()
        connection = await connected(ground, fake)
        answers = await asyncio.gather(*(connection.request(ASK, VERSION) for _ in range(20)))
        assert [number(one) for one in answers] == list(range(1, 21))
        assert {header.client_id for header in fake.headers} == {"broker-1"}
        connection.abort("enough")

    ground.run(story)


def test_answers_may_come_in_any_order(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        connection = await connected(ground, fake)
        asked = [connection.request(ASK, VERSION) for _ in range(3)]
        await ground.until(lambda: len(fake.headers) == 3)
        for header in reversed(fake.headers):
            fake.connections[0].answer(header)
        assert [number(await one) for one in asked] == [1, 2, 3]
        connection.abort("enough")

    ground.run(story)


def test_the_end_fails_who_waits_and_who_comes_after(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        connection = await connected(ground, fake)
        asked = connection.request(ASK, VERSION)
        await ground.until(lambda: fake.headers)
        fake.hang_up()
        with pytest.raises(PeerUnavailable, match="broker 2 is not available: "):
            await asked
        await connection.lost
        with pytest.raises(PeerUnavailable):
            await connection.request(ASK, VERSION)

    ground.run(story)


def test_a_peer_that_closes_in_good_order_is_gone_too(ground):
    async def story():
        fake = FakePeer()
        connection = await connected(ground, fake)
        await ground.until(lambda: fake.connections)
        fake.connections[0].transport.close()
        await connection.lost
        assert connection.reason == "it closed the connection"

    ground.run(story)


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        bytes.fromhex("80000000"),
        bytes.fromhex("00200000") + b"x" * 20,
        bytes.fromhex("00000000"),
        bytes.fromhex("00000004 00000063"),
        bytes.fromhex("00000005 00000001 23"),
        bytes.fromhex("0000001a 00000001 0000 01 00000000 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"),
    ],
    ids=["http", "negative", "oversized", "empty", "nobody asked", "cut short", "too long"],
)
def test_what_is_no_answer_ends_the_connection(ground, sent):
    async def story():
        fake = FakePeer()
        fake.sends_instead = sent
        connection = await connected(ground, fake)
        with pytest.raises(PeerUnavailable, match=r"it sent what is no answer|its answer cannot be read"):
            await connection.request(ASK, VERSION)
        assert connection.lost.done()
        assert connection.reason.startswith("it sent what is no answer")

    ground.run(story)


def test_whoever_gave_up_does_not_mind_the_answer(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        connection = await connected(ground, fake)
        given_up, other = connection.request(ASK, VERSION), connection.request(ASK, VERSION)
        given_up.cancel()
        await ground.until(lambda: len(fake.headers) == 2)
        for header in fake.headers:
            fake.connections[0].answer(header)
        assert number(await other) == 2
        connection.abort("enough")

    ground.run(story)


def test_writing_is_blocked_and_free_again(ground):
    async def story():
        fake = FakePeer()
        fake.is_deaf = True
        told: list[str] = []
        connection = await connected(ground, fake, on_writable=lambda: told.append("writable"))
        await ground.until(lambda: fake.connections)
        message = b"".join(request_frame(20_001, 0, 0, None, PeerMessageRequest(frame=memoryview(bytes(300_000)))))
        count = 0
        while not connection.is_blocked:
            connection.write(message)
            count += 1
            await ground.moment()
        assert not told
        fake.listen_again()
        await ground.until(lambda: len(fake.messages) == count)
        assert told == ["writable"]
        connection.abort("enough")

    ground.run(story)


def test_numbers_begin_again_before_they_are_too_large(ground):
    async def story():
        fake = FakePeer()
        connection = await connected(ground, fake)
        connection._last_id = (1 << 31) - 2
        first, second = connection.request(ASK, VERSION), connection.request(ASK, VERSION)
        assert [number(await one) for one in (first, second)] == [(1 << 31) - 1, 1]
        connection.abort("enough")

    ground.run(story)
