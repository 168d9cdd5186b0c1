"""A channel asks and hears, or says in time that it did not."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from cordwood.model.peer_errors import PeerBusy, PeerRefused, PeerUnavailable
from cordwood.peers.channel import Channel
from cordwood.peers.config import PeerConfig
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from tests.peers.conftest import IMPATIENT, OTHER, PATIENT, FakePeer, Ground

ASK = ApiVersionsRequest(client_software_name="peer", client_software_version="1")
VERSION = 3


async def channel_to(ground: Ground, fake: FakePeer, config: PeerConfig = PATIENT) -> Channel:
    peer, _ = await ground.serve(fake)
    return Channel(peer, ground.dialer(config))


def test_it_dials_when_it_is_asked_and_stays(ground):
    async def story():
        fake = FakePeer()
        channel = await channel_to(ground, fake)
        await ground.moment()
        assert not fake.accepted
        for _ in range(3):
            assert isinstance(await channel.request(ASK, VERSION), ApiVersionsResponse)
        assert (fake.accepted, len(fake.hellos)) == (1, 1)
        await channel.close()

    ground.run(story)


def test_who_asks_together_shares_the_connection(ground):
    async def story():
        fake = FakePeer()
        channel = await channel_to(ground, fake)
        answers = await asyncio.gather(*(channel.request(ASK, VERSION) for _ in range(20)))
        assert len(answers) == 20
        assert fake.accepted == 1
        await channel.close()

    ground.run(story)


def test_so_many_at_a_time_and_no_more(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        channel = await channel_to(ground, fake, PeerConfig(requests_in_flight=2))
        asked = [asyncio.ensure_future(channel.request(ASK, VERSION)) for _ in range(2)]
        await ground.until(lambda: len(fake.headers) == 3)
        with pytest.raises(PeerBusy, match="2 requests wait"):
            await channel.request(ASK, VERSION)
        for header in fake.headers[1:]:
            fake.connections[0].answer(header)
        await asyncio.gather(*asked)
        fake.waits = False
        await channel.request(ASK, VERSION)
        await channel.close()

    ground.run(story)


def test_a_peer_that_never_answers_loses_the_connection(ground):
    async def story():
        fake = FakePeer()
        channel = await channel_to(ground, fake, IMPATIENT)
        fake.waits = True
        outcomes = await asyncio.gather(*(channel.request(ASK, VERSION) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(outcome, PeerUnavailable) for outcome in outcomes)
        assert "did not answer within 60 ms" in str(outcomes[0])
        await ground.until(lambda: not fake.connections)
        fake.waits = False
        await channel.request(ASK, VERSION)
        assert fake.accepted == 2
        await channel.close()

    ground.run(story)


def test_who_has_time_waits_for_an_answer_and_not_for_a_connection(ground):
    async def story():
        fake = FakePeer()
        fake.is_silent = True
        channel = await channel_to(ground, fake, PeerConfig(timeout_ms=50, answer_timeout_ms=60_000))
        with pytest.raises(PeerUnavailable, match="did not answer within 50 ms"):
            await channel.request(ASK, VERSION)
        fake.is_silent, fake.waits = False, True
        await ground.until(lambda: ground.loop.time() >= channel._not_before)
        asked = asyncio.ensure_future(channel.request(ASK, VERSION))
        await ground.until(lambda: len(fake.headers) == 3)
        begin = ground.loop.time()
        await ground.until(lambda: ground.loop.time() > begin + 0.1)
        assert not asked.done()
        fake.connections[0].answer(fake.headers[-1])
        await asked
        await channel.close()

    ground.run(story)


def test_a_broken_connection_fails_who_waits(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        channel = await channel_to(ground, fake)
        asked = asyncio.ensure_future(channel.request(ASK, VERSION))
        await ground.until(lambda: len(fake.headers) == 2)
        fake.hang_up()
        with pytest.raises(PeerUnavailable):
            await asked
        fake.waits = False
        await channel.request(ASK, VERSION)
        await channel.close()

    ground.run(story)


def test_between_two_attempts_it_fails_at_once(ground):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        channel = Channel(peer, ground.dialer(PeerConfig(backoff_ms=60_000, backoff_max_ms=60_000)))
        with pytest.raises(PeerUnavailable, match="cannot be reached") as first:
            await channel.request(ASK, VERSION)
        fake = FakePeer()
        await ground.serve(fake, peer.port)
        with pytest.raises(PeerUnavailable, match="cannot be reached") as second:
            await channel.request(ASK, VERSION)
        assert first.value is not second.value
        assert not fake.accepted
        await channel.close()

    ground.run(story)


def test_it_comes_back_after_the_pause(ground):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        channel = Channel(peer, ground.dialer())
        fake = FakePeer()
        with pytest.raises(PeerUnavailable):
            await channel.request(ASK, VERSION)
        await ground.serve(fake, peer.port)
        await ground.until(lambda: ground.loop.time() >= channel._not_before)
        await channel.request(ASK, VERSION)
        await channel.close()

    ground.run(story)


def test_a_peer_that_is_another_is_asked_nothing(ground):
    async def story():
        fake = FakePeer(msgspec.structs.replace(OTHER, cluster_id="cluster-9"))
        channel = await channel_to(ground, fake)
        with pytest.raises(PeerRefused, match="cluster-9"):
            await channel.request(ASK, VERSION)
        assert len(fake.headers) == 1
        await channel.close()

    ground.run(story)


@pytest.mark.parametrize("when", ["before it was used", "while it dials", "while it waits", "while it is idle"])
def test_the_end_fails_who_waits(ground, when):
    async def story():
        fake = FakePeer()
        fake.waits = when == "while it waits"
        fake.is_silent = when == "while it dials"
        channel = await channel_to(ground, fake)
        asked = []
        if fake.waits or fake.is_silent:
            asked.append(asyncio.ensure_future(channel.request(ASK, VERSION)))
            await ground.until(lambda: len(fake.headers) == 1 + fake.waits)
        if when == "while it is idle":
            await channel.request(ASK, VERSION)
        await channel.close()
        for one in asked:
            with pytest.raises(PeerUnavailable, match="the channel was closed"):
                await one
        with pytest.raises(PeerUnavailable, match="the channel was closed"):
            await channel.request(ASK, VERSION)
        await ground.until(lambda: not fake.connections)
        assert len(asyncio.all_tasks()) == 1

    ground.run(story)


def test_whoever_gives_up_makes_room(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        channel = await channel_to(ground, fake, PeerConfig(requests_in_flight=1))
        asked = asyncio.ensure_future(channel.request(ASK, VERSION))
        await ground.until(lambda: len(fake.headers) == 2)
        asked.cancel()
        await asyncio.wait([asked])
        fake.waits = False
        await channel.request(ASK, VERSION)
        await channel.close()

    ground.run(story)
