"""A link sends what can be sent, drops what cannot, and comes back."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from cordwood.peers.config import PeerConfig
from cordwood.peers.connection import PeerConnection
from cordwood.peers.link import TRANSITIONS, Event, Link, State
from tests.peers.conftest import IMPATIENT, OTHER, PATIENT, FakePeer, Ground, SimulatedGround

BEGIN, END = "<!-- link diagram -->\n```mermaid\n", "```\n<!-- /link diagram -->"


async def linked(ground: Ground, fake: FakePeer, config: PeerConfig = PATIENT) -> Link:
    peer, _ = await ground.serve(fake)
    link = Link(peer, ground.dialer(config))
    await ground.until(lambda: link.is_up)
    return link


def test_messages_arrive_in_their_order(ground):
    async def story():
        fake = FakePeer()
        link = await linked(ground, fake)
        for _ in range(3):
            messages = [b"message %d" % number for number in range(100)]
            assert all(link.send(message) for message in messages)
            await ground.until(lambda: len(fake.messages) >= 100)
            assert fake.messages == messages
            fake.messages.clear()
        assert (link.sent, link.dropped) == (300, 0)
        await link.close()

    ground.run(story)


def test_what_is_queued_together_leaves_in_one_write(ground):
    async def story():
        fake = FakePeer()
        link = await linked(ground, fake)
        with patch.object(PeerConnection, "write") as write:
            for number in range(50):
                link.send(b"%d" % number)
            await ground.moment()
        write.assert_called_once()
        await link.close()

    ground.run(story)


def test_what_is_sent_while_it_dials_arrives(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        link = Link(peer, ground.dialer())
        assert link.send(b"early")
        await ground.until(lambda: fake.messages)
        assert fake.messages == [b"early"]
        await link.close()

    ground.run(story)


def test_it_comes_back_after_the_connection_broke(ground, caplog):
    async def story():
        fake = FakePeer()
        link = await linked(ground, fake)
        fake.hang_up()
        await ground.until(lambda: fake.accepted == 2 and link.is_up)
        assert link.send(b"again")
        await ground.until(lambda: fake.messages == [b"again"])
        await link.close()

    with caplog.at_level(logging.INFO):
        ground.run(story)
    assert [record.levelname for record in caplog.records if "linked" in record.message] == ["INFO", "WARNING", "INFO"]


def test_it_finds_a_peer_that_starts_later(ground):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        link = Link(peer, ground.dialer())
        await ground.until(lambda: "cannot be reached" in link.reason)
        late = FakePeer()
        await ground.serve(late, peer.port)
        await ground.until(lambda: link.is_up)
        assert not link.reason
        await link.close()

    ground.run(story)


def test_a_peer_that_is_away_is_told_of_once(ground, caplog):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        link = Link(peer, ground.dialer())
        await ground.until(lambda: link._attempt >= 5)
        await link.close()

    with caplog.at_level(logging.WARNING):
        ground.run(story)
    assert len([record for record in caplog.records if "is not linked" in record.message]) == 1


def test_between_two_attempts_everything_is_dropped(ground):
    async def story():
        peer, server = await ground.serve(FakePeer())
        server.close()
        link = Link(peer, ground.dialer(PeerConfig(backoff_ms=60_000, backoff_max_ms=60_000)))
        assert link.send(b"in good hope")
        await ground.until(lambda: link.state is State.PAUSING)
        assert link.dropped == 1
        assert not link.send(b"in vain")
        assert link.dropped == 2
        fake = FakePeer()
        await ground.serve(fake, peer.port)
        link.wake()
        await ground.until(lambda: link.is_up)
        assert link.send(b"well")
        await ground.until(lambda: fake.messages == [b"well"])
        await link.close()

    ground.run(story)


def test_a_queue_is_bounded_in_messages_and_bytes(ground):
    async def story():
        fake = FakePeer()
        fake.is_silent = True
        peer, _ = await ground.serve(fake)
        link = Link(peer, ground.dialer(PeerConfig(queue_messages=3, queue_bytes=100)))
        assert [link.send(bytes(10)) for _ in range(5)] == [True, True, True, False, False]
        await link.close()
        link = Link(peer, ground.dialer(PeerConfig(queue_messages=30, queue_bytes=100)))
        assert [link.send(bytes(40)) for _ in range(4)] == [True, True, False, False]
        assert not link.send(bytes(101))
        assert link.dropped == 3
        await link.close()
        assert link.dropped == 5

    ground.run(story)


def test_a_slow_peer_fills_the_queue_and_nothing_else(ground):
    async def story():
        fake = FakePeer()
        link = await linked(ground, fake, PeerConfig(queue_bytes=1 << 20, timeout_ms=60_000))
        for connection in fake.connections:
            connection.transport.pause_reading()
        message = bytes(100_000)
        taken = 0
        while link.send(message):
            taken += 1
            await ground.moment()
        assert link._queued_bytes <= 1 << 20
        assert link._connection.is_blocked
        fake.listen_again()
        await ground.until(lambda: len(fake.messages) == taken)
        assert link.send(b"and on")
        await ground.until(lambda: fake.messages[-1] == b"and on")
        await link.close()

    ground.run(story)


def test_a_peer_that_falls_silent_is_noticed(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        link = Link(peer, ground.dialer(IMPATIENT))
        await ground.until(lambda: len(fake.hellos) > 1)
        fake.is_silent = True
        await ground.until(lambda: "did not answer within 60 ms" in link.reason)
        assert not link.is_up
        fake.is_silent = False
        await ground.until(lambda: link.is_up)
        await link.close()

    ground.run(story)


@pytest.mark.parametrize(("sources", "targets"), [("a", "b"), ("b", "a")], ids=["there", "back"])
def test_a_path_that_is_cut_is_noticed_and_found_again(sources, targets):
    ground = SimulatedGround()

    async def story():
        fake = FakePeer()
        link = await linked(ground, fake, IMPATIENT)
        ground.rig.network.cut([sources], [targets], both_ways=False)
        await ground.until(lambda: "did not answer within 60 ms" in link.reason)
        assert not link.is_up
        ground.rig.network.heal()
        await ground.until(lambda: link.is_up)
        link.send(b"found again")
        await ground.until(lambda: fake.messages == [b"found again"])
        await link.close()

    ground.run(story)
    assert not ground.rig.loop.unhandled
    ground.loop.close()


@pytest.mark.parametrize("lie", ["cluster_id", "node_id", "directory_id", "garbage", "oversized"])
def test_a_peer_that_lies_gets_nothing(ground, lie):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        lies = {"cluster_id": "cluster-9", "node_id": 3, "directory_id": b"x" * 16}
        match lie:
            case "garbage":
                fake.sends_instead = b"\0\0\0\x04\0\0\0\x63"
            case "oversized":
                fake.sends_instead = b"\x7f\xff\xff\xff\0\0\0\0"
            case _:
                fake.identity = msgspec.structs.replace(OTHER, **{lie: lies[lie]})
        link = Link(msgspec.structs.replace(peer, directory_id=OTHER.directory_id), ground.dialer())
        link.send(b"secret")
        await ground.until(lambda: link.state is State.PAUSING)
        assert link.reason
        assert not fake.messages
        fake.sends_instead, fake.identity = None, OTHER
        await ground.until(lambda: link.is_up)
        await link.close()

    ground.run(story)


def test_a_peer_that_becomes_another_is_left(ground):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        link = Link(peer, ground.dialer(IMPATIENT))
        await ground.until(lambda: link.is_up)
        fake.identity = msgspec.structs.replace(OTHER, node_id=5)
        await ground.until(lambda: "is broker 5" in link.reason)
        await link.close()

    ground.run(story)


def test_a_fault_of_ours_is_told(ground, caplog):
    async def story():
        fake = FakePeer()
        peer, _ = await ground.serve(fake)
        dialer = ground.dialer()
        with patch.object(dialer, "dial", side_effect=ZeroDivisionError("oh")):
            link = Link(peer, dialer)
            await ground.until(lambda: "a fault of this broker: oh" in link.reason)
        await link.close()

    with caplog.at_level(logging.ERROR):
        ground.run(story)
    assert "has failed" in caplog.text


def test_after_the_end_nothing_is_sent(ground):
    async def story():
        fake = FakePeer()
        link = await linked(ground, fake)
        await link.close()
        assert link.state is State.CLOSED
        assert not link.send(b"too late")
        await ground.until(lambda: not fake.connections)
        await link.close()
        assert len(asyncio.all_tasks()) == 1

    ground.run(story)


def test_the_diagram_in_the_docs_is_the_table():
    page = (Path(__file__).parents[2] / "docs" / "design" / "peers.md").read_text("utf-8")
    shown = page.partition(BEGIN)[2].partition(END)[0]
    assert shown == TRANSITIONS.diagram(), (
        "docs/design/peers.md is older than the table: write `TRANSITIONS.diagram()` between its markers"
    )


def test_every_state_can_be_left_and_be_closed():
    assert set(TRANSITIONS) == set(State)
    assert all(TRANSITIONS.after(state, Event.CLOSED) is State.CLOSED for state in State)
    with pytest.raises(AssertionError, match="a link that is Up cannot see"):
        TRANSITIONS.after(State.UP, Event.GREETED)
