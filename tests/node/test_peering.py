"""Two nodes' peerings talk over the simulated network: who they are comes from the metadata, who speaks from the hello."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from cordwood.broker.context import Threshold
from cordwood.broker.door import Door
from cordwood.consensus.wire import VERSION, encode
from cordwood.env.clock import SystemClock
from cordwood.env.dice import SeededDice
from cordwood.metadata import EMPTY, Endpoint, Image, QuorumNode
from cordwood.model.errors import ProtocolError
from cordwood.node.peering import Peering
from cordwood.observe.requests import RequestCounts
from cordwood.peers.config import PeerConfig
from cordwood.peers.identity import MESSAGE_VERSION
from cordwood.raft import Message, Position
from cordwood.raft.messages import Vote
from cordwood.server.listener import Listener, ListenerConfig
from cordwood.sim.process import Process
from tests.sim.conftest import Rig

PORT = 9092
LIMIT = 1 << 20


def vote(sender: int, to: int) -> Message:
    return Vote(sender, to, 3, Position(1, 1), Position(1, 1))


class Member:
    """A peering on a host of its own, with its listener."""

    def __init__(self, rig: Rig, process: Process, node_id: int, directory_id: bytes) -> None:
        self.rig, self.process = rig, process
        self.node_id, self.directory_id = node_id, directory_id
        self.received: list[object] = []

    async def start(self, cluster_id: str = "cluster-1") -> None:
        self.peering = Peering(
            self.node_id,
            self.directory_id,
            cluster_id,
            Endpoint("PLAINTEXT", self.process.host, PORT),
            PeerConfig(timeout_ms=500),
            LIMIT,
            loop=self.rig.loop,
            dice=SeededDice(self.node_id),
        )
        door = Door()
        reception = self.peering.reception
        door.let_peers_in(Threshold(clock=SystemClock(), counts=RequestCounts(), loop=self.rig.loop, peers=reception))
        listener: Listener = Listener(door, ListenerConfig("PLAINTEXT", self.process.host, PORT))
        await listener.bind()
        await listener.serve()
        self.peering.attach(self.received.append)

    @property
    def node(self) -> QuorumNode:
        return QuorumNode(self.node_id, self.directory_id, Endpoint("PLAINTEXT", self.process.host, PORT))


def image_of(*nodes: QuorumNode) -> Image:
    return msgspec.structs.replace(EMPTY, cluster_id="cluster-1", quorum_nodes={node.id: node for node in nodes})


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    assert not made.loop.unhandled
    made.loop.close()


@pytest.fixture
def pair(rig: Rig) -> tuple[Member, Member]:
    first, second = Member(rig, rig.a, 1, b"1" * 16), Member(rig, rig.b, 0, b"0" * 16)
    for member in (first, second):
        rig.run(member.process, member.start)
    return first, second


def follow(rig: Rig, member: Member, image: Image) -> None:
    async def told() -> None:
        member.peering.follow(image)

    rig.run(member.process, told)


def test_peers_agree_on_the_format_that_is_sent():
    assert MESSAGE_VERSION == VERSION, "a new format of messages: two brokers that differ in it must not talk"


def test_messages_go_both_ways_also_to_node_0(rig, pair):
    first, second = pair
    for member in pair:
        follow(rig, member, image_of(first.node, second.node))
    rig.pass_time(1)
    assert first.peering.send(1 << 31, vote(1, 1 << 31))
    assert second.peering.send(1, vote(1 << 31, 1))
    assert not first.peering.send(7, vote(1, 7))
    rig.pass_time(1)
    assert second.received == [vote(1, 1 << 31)]
    assert first.received == [vote(1 << 31, 1)]


def test_who_knows_nobody_answers_whoever_calls(rig, pair):
    first, second = pair
    follow(rig, first, image_of(first.node, second.node))
    rig.pass_time(1)
    assert second.peering.send(1, vote(1 << 31, 1))
    rig.pass_time(1)
    assert first.received == [vote(1 << 31, 1)]


def test_another_directory_of_a_known_node_is_refused(rig, pair):
    first, second = pair
    follow(rig, first, image_of(first.node, msgspec.structs.replace(second.node, directory_id=b"x" * 16)))
    follow(rig, second, image_of(first.node, second.node))
    rig.pass_time(1)
    assert "is noted for it" in next(iter(first.peering.links)).reason
    assert "is noted for it" in next(iter(second.peering.links)).reason
    assert first.peering.reception.refused
    assert not first.received


def test_another_cluster_is_refused(rig, pair):
    first, second = pair
    follow(rig, first, image_of(first.node, second.node))
    follow(rig, second, msgspec.structs.replace(image_of(first.node, second.node), cluster_id="cluster-9"))
    rig.pass_time(1)
    assert not any(link.is_up for member in pair for link in member.peering.links)


def test_damage_is_counted_and_lies_are_told(rig, pair):
    first, _ = pair
    frame = encode(vote(1 << 31, 1))
    first.peering.reception.message(0, memoryview(frame))
    first.peering.reception.message(0, memoryview(frame[:-1]))
    assert first.received == [vote(1 << 31, 1)]
    assert first.peering.reception.damaged == 1
    with pytest.raises(ProtocolError, match="broker 5 sent a message in the name of 0"):
        first.peering.reception.message(5, memoryview(frame))


def test_before_and_after_it_takes_part_messages_are_dropped(rig, pair):
    first, _ = pair
    rig.run(first.process, first.peering.close)
    first.peering.reception.message(0, memoryview(encode(vote(1 << 31, 1))))
    assert not first.received
    assert not first.peering.send(1 << 31, vote(1, 1 << 31))
