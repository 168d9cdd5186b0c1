"""A peer is reached, or it is said why not, in time."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from cordwood.model.peer_errors import PeerRefused, PeerUnavailable
from cordwood.peers.identity import Peer
from tests.peers.conftest import IMPATIENT, OTHER, OWN, FakePeer


def test_both_say_who_they_are(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        connection = await ground.dialer().dial(peer)
        (hello,) = fake.hellos
        assert (hello.cluster_id, hello.node_id, hello.directory_id) == ("cluster-1", 1, OWN.directory_id)
        assert (hello.host, hello.port, hello.receiver_id) == ("here", 9092, 2)
        await ground.dialer().greet(peer, connection)
        assert len(fake.hellos) == 2
        connection.abort("enough")

    ground.run(story)


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ({"cluster_id": "cluster-9"}, "it belongs to cluster cluster-9"),
        ({"node_id": 3}, "is broker 3"),
        ({"directory_id": b"x" * 16}, "is noted for it"),
    ],
    ids=["cluster", "node", "directory"],
)
def test_a_peer_that_is_another(ground, identity, words):
    async def story():
        fake = FakePeer(msgspec.structs.replace(OTHER, **identity))
        found, _ = await ground.serve(fake)
        peer = Peer(2, found.host, found.port, OTHER.directory_id)
        with pytest.raises(PeerRefused, match=words):
            await ground.dialer().dial(peer)
        await ground.until(lambda: not fake.connections)

    ground.run(story)


def test_a_peer_that_refuses(ground):
    async def story():
        fake = FakePeer()
        fake.error = (94, "I know you not")
        peer, _ = await ground.serve(fake)
        with pytest.raises(PeerRefused, match="I know you not"):
            await ground.dialer().dial(peer)

    ground.run(story)


def test_a_peer_that_never_answers(ground):
    async def story():
        fake = FakePeer()
        fake.is_silent = True
        peer, _ = await ground.serve(fake)
        with pytest.raises(PeerUnavailable, match="it did not answer within 60 ms"):
            await ground.dialer(IMPATIENT).dial(peer)
        await ground.until(lambda: fake.hellos and not fake.connections)

    ground.run(story)


def test_a_peer_that_speaks_another_protocol(ground):
    async def story():
        fake = FakePeer()
        fake.sends_instead = b"SSH-2.0-OpenSSH_9.6\r\n"
        peer, _ = await ground.serve(fake)
        with pytest.raises(PeerUnavailable, match="it sent what is no answer"):
            await ground.dialer().dial(peer)

    ground.run(story)


def test_nobody_is_there(ground):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        with pytest.raises(PeerUnavailable, match=f"{peer.port} cannot be reached"):
            await ground.dialer().dial(peer)
        with pytest.raises(PeerUnavailable, match="cannot be reached"):
            await ground.dialer().dial(Peer(2, "no.such.host.invalid", 9092))
        for host in ("x" * 70, "a..b", "\0"):
            with pytest.raises(PeerUnavailable, match="cannot be reached"):
                await ground.dialer().dial(Peer(2, host, 9092))

    ground.run(story)


def test_whoever_gives_up_leaves_no_connection(ground):
    async def story():
        fake = FakePeer()
        fake.is_silent = True
        peer, _ = await ground.serve(fake)
        dialing = asyncio.ensure_future(ground.dialer().dial(peer))
        await ground.until(lambda: fake.hellos)
        dialing.cancel()
        await asyncio.wait([dialing])
        assert dialing.cancelled()
        await ground.until(lambda: not fake.connections)

    ground.run(story)


def test_pauses_are_by_lot_and_not_too_short(ground):
    dialer = ground.dialer()
    pauses = {dialer.pause_s(9) for _ in range(200)}
    assert 0.010 <= min(pauses) < max(pauses) <= 0.020
