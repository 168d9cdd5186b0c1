"""The metadata and those who call say where peers are; the newer word counts."""

from __future__ import annotations

import asyncio

import msgspec

from cordwood.peers.identity import Peer
from cordwood.peers.links import STRANGERS_LIMIT, Links
from tests.peers.conftest import IMPATIENT, OTHER, FakePeer

OWN_ID = 1
OWN_PEER = Peer(OWN_ID, "here", 9092)


def test_members_are_linked_and_this_broker_is_not(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        links = Links(ground.dialer(), OWN_ID)
        links.follow([OWN_PEER, peer])
        await ground.until(lambda: all(link.is_up for link in links))
        assert [link.peer.node_id for link in links] == [2]
        assert links.send(2, b"to you")
        assert not links.send(1, b"to myself")
        assert not links.send(9, b"to nobody")
        await ground.until(lambda: fake.messages == [b"to you"])
        await links.close()

    ground.run(story)


def test_the_same_members_again_change_nothing(ground):
    async def story():
        peer, _ = await ground.serve(FakePeer())
        links = Links(ground.dialer(), OWN_ID)
        links.follow([OWN_PEER, peer])
        link = links.find(2)
        links.follow([OWN_PEER, peer])
        assert links.find(2) is link
        await links.close()

    ground.run(story)


def test_a_member_that_registers_elsewhere_is_followed(ground):
    async def story():
        old, new = FakePeer(), FakePeer()
        peer, _ = await ground.serve(old)
        links = Links(ground.dialer(), OWN_ID)
        links.follow([peer])
        await ground.until(lambda: links.find(2).is_up)
        moved, _ = await ground.serve(new)
        links.follow([moved])
        await ground.until(lambda: links.find(2).is_up and not old.connections)
        assert links.find(2).peer == moved
        await links.close()

    ground.run(story)


def test_a_directory_that_is_noted_later_is_asked_for(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        links = Links(ground.dialer(IMPATIENT), OWN_ID)
        links.follow([peer])
        link = links.find(2)
        await ground.until(lambda: link.is_up)
        links.follow([msgspec.structs.replace(peer, directory_id=OTHER.directory_id)])
        assert links.find(2) is link
        assert link.is_up
        links.follow([msgspec.structs.replace(peer, directory_id=b"x" * 16)])
        await ground.until(lambda: "is noted for it" in link.reason)
        await links.close()

    ground.run(story)


def test_who_left_is_let_go(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        links = Links(ground.dialer(), OWN_ID)
        links.follow([OWN_PEER, peer])
        await ground.until(lambda: links.find(2).is_up)
        links.follow([OWN_PEER])
        assert links.find(2) is None
        await ground.until(lambda: not fake.connections)
        links.called(peer)
        assert links.find(2) is None
        await links.close()

    ground.run(story)


def test_a_member_that_calls_from_elsewhere_is_reached_there(ground):
    async def story():
        fake = FakePeer()
        links = Links(ground.dialer(), OWN_ID)
        stale = Peer(2, "127.0.0.1", 1)
        links.follow([OWN_PEER, stale])
        moved, _ = await ground.serve(fake)
        links.called(moved)
        await ground.until(lambda: links.find(2).is_up)
        links.follow([OWN_PEER, stale])  # The metadata say nothing new.
        assert links.find(2).peer == moved
        await links.close()

    ground.run(story)


def test_who_joins_answers_whoever_calls_until_it_knows_better(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        links = Links(ground.dialer(), OWN_ID)
        links.called(peer)
        await ground.until(lambda: links.find(2).is_up)
        for node_id in range(3, 3 + 2 * STRANGERS_LIMIT):
            links.called(msgspec.structs.replace(peer, node_id=node_id))
        assert len(list(links)) == STRANGERS_LIMIT
        links.follow([OWN_PEER, peer])
        assert [link.peer.node_id for link in links] == [2]
        assert links.find(2).is_up
        await links.close()

    ground.run(story)


def test_a_call_wakes_the_link(ground):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        links = Links(ground.dialer(), OWN_ID)
        links.follow([peer])
        link = links.find(2)
        await ground.until(lambda: link._attempt >= 1)
        fake = FakePeer(OTHER)
        await ground.serve(fake, peer.port)
        links.called(peer)
        assert link._wanted.is_set()
        await ground.until(lambda: link.is_up)
        await links.close()

    ground.run(story)


def test_after_the_end_nobody_is_linked(ground):
    async def story():
        peer, _ = await ground.serve(FakePeer())
        links = Links(ground.dialer(), OWN_ID)
        links.follow([peer])
        await links.close()
        links.follow([peer])
        links.called(peer)
        assert not list(links)
        assert not links.send(2, b"too late")
        assert len(asyncio.all_tasks()) == 1

    ground.run(story)
