"""The network in memory: bounded, and as bad as it is told to be."""

from __future__ import annotations

from cordwood.consensus.transport import MILLION, MemoryNetwork
from cordwood.env.dice import SeededDice
from cordwood.raft import Message
from cordwood.raft.messages import TimeoutNow
from tests.consensus.virtual import VirtualLoop


class Post:
    """Nodes 1 to 3 on a network."""

    def __init__(self, **values: int) -> None:
        self.loop = VirtualLoop()
        self.network = MemoryNetwork(self.loop.call_later, SeededDice(1), **values)
        self.received: list[Message] = []
        self.wires = {node: self.network.join(node, self.received.append) for node in (1, 2, 3)}

    def send(self, sender: int, to: int) -> bool:
        return self.wires[sender].send(to, TimeoutNow(sender, to, 5))


def test_messages_arrive_later_and_as_they_were():
    post = Post()
    assert post.send(1, 2)
    assert not post.received
    post.loop.run(0)
    assert post.received == [TimeoutNow(1, 2, 5)]


def test_a_link_holds_so_many():
    post = Post(queue_limit=2)
    assert [post.send(1, 2) for _ in range(3)] == [True, True, False]
    assert post.send(1, 3)
    post.loop.run(0)
    assert post.send(1, 2)
    assert post.network.seen["full"] == 1


def test_sides_do_not_hear_of_each_other():
    post = Post()
    post.network.part({3: 1})
    post.send(1, 2)
    post.send(1, 3)
    post.send(3, 1)
    post.loop.run(0)
    assert (len(post.received), post.network.seen["parted"]) == (1, 2)
    post.network.part({})
    post.send(3, 1)
    post.loop.run(0)
    assert len(post.received) == 2


def test_nobody_is_there():
    post = Post()
    post.network.leave(2)
    post.send(1, 2)
    post.loop.run(0)
    assert post.network.seen["nobody"] == 1


def test_the_weather_takes_its_share():
    post = Post(queue_limit=10_000)
    post.network.weather.loss_ppm = MILLION // 4
    post.network.weather.damage_ppm = MILLION // 4
    post.network.weather.delay_max_us = 1000
    for _ in range(1000):
        post.send(1, 2)
    post.loop.run(0.001)
    seen = post.network.seen
    assert 200 < seen["lost"] < 300
    assert 130 < seen["damaged"] < 250
    assert seen["delivered"] == len(post.received) == 1000 - seen["lost"] - seen["damaged"]


def test_messages_over_the_limit_do_not_arrive():
    post = Post(max_message_bytes=5)
    post.send(1, 2)
    post.loop.run(0)
    assert post.network.seen["damaged"] == 1
