"""Peers are asked where the metadata say that they are."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.model.peer_errors import PeerUnavailable
from cordwood.peers.channels import Channels
from cordwood.peers.identity import Peer
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from tests.peers.conftest import PATIENT, FakePeer

ASK = ApiVersionsRequest(client_software_name="peer", client_software_version="1")
OWN = Peer(1, "here", 9092)


def test_a_peer_is_reached_when_it_is_asked_and_by_one_connection(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        channels = Channels(ground.dialer(PATIENT), 1)
        channels.follow([OWN, peer])
        await ground.moment()
        assert fake.accepted == 0
        answers = await asyncio.gather(*(channels.ask(2, ASK, 3) for _ in range(5)))
        assert all(isinstance(answer, ApiVersionsResponse) for answer in answers)
        channels.follow([peer, OWN])
        await channels.ask(2, ASK, 3)
        assert fake.accepted == 1
        await channels.close()

    ground.run(story)


@pytest.mark.parametrize("node_id", [1, 9], ids=["itself", "a stranger"])
def test_who_is_no_peer_cannot_be_asked(ground, node_id):
    async def story():
        channels = Channels(ground.dialer(PATIENT), 1)
        channels.follow([OWN])
        with pytest.raises(PeerUnavailable, match="do not say where"):
            await channels.ask(node_id, ASK, 3)

    ground.run(story)


def test_a_peer_that_moved_is_asked_there(ground):
    async def story():
        old, new = FakePeer(), FakePeer()
        peer, _ = await ground.serve(old)
        channels = Channels(ground.dialer(PATIENT), 1)
        channels.follow([peer])
        await channels.ask(2, ASK, 3)
        moved, _ = await ground.serve(new)
        channels.follow([moved])
        await channels.ask(2, ASK, 3)
        await ground.until(lambda: not old.connections)
        assert (old.accepted, new.accepted) == (1, 1)
        await channels.close()

    ground.run(story)


def test_who_leaves_answers_nothing_any_more(ground):
    async def story():
        fake = FakePeer()
        fake.waits = True
        peer, _ = await ground.serve(fake)
        channels = Channels(ground.dialer(PATIENT), 1)
        channels.follow([peer])
        asked = asyncio.ensure_future(channels.ask(2, ASK, 3))
        await ground.until(lambda: len(fake.headers) == 2)
        channels.follow([OWN])
        with pytest.raises(PeerUnavailable):
            await asked
        with pytest.raises(PeerUnavailable, match="do not say where"):
            await channels.ask(2, ASK, 3)
        await channels.close()

    ground.run(story)
