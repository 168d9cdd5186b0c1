"""A world with one broker that serves, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cordwood.node.configuration import load
from cordwood.sim.clients.connection import Address, BrokerConnection
from cordwood.sim.machine import Machine
from cordwood.sim.process import Process
from cordwood.sim.promises.notes import Notes
from cordwood.sim.world import SimWorld
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse

PLACE = ("n1", "orders", 0)
SETTINGS = ["group.initial.rebalance.delay.ms=0", "offsets.topic.num.partitions=1"]


class Bench:
    """A broker with the topic "orders", and a process of a client."""

    def __init__(self, world: SimWorld) -> None:
        self.world = world
        self.notes = Notes()
        self.machine = Machine(
            world, "n1", load(flags={"log.dirs": "/data,/more", "listeners": "n1:9092"}, sets=SETTINGS)
        )
        self.machine.start()
        world.network.add_host("client")
        self.process = Process("client", "client")
        self.create("orders")

    def create(self, topic: str) -> None:
        """A topic of one partition."""
        create = CreateTopicsRequest([CreatableTopic(topic, 1, 1)])
        self.run(self.connection().ask_until(create, 4, CreateTopicsResponse, lambda _: []))

    def connection(self) -> BrokerConnection:
        return BrokerConnection(self.process, Address("n1", 9092), self.world.dice("client"), self.world.trace)

    def run(self, work: Any) -> Any:
        return self.process.call(lambda: self.world.loop.run_until_complete(work))

    def start(self, client: Any) -> Any:
        return self.process.call(lambda: self.world.loop.create_task(client.run()))

    def pass_time(self, seconds: float) -> None:
        reached = self.world.loop.create_future()
        self.world.loop.after_us(int(seconds * 1_000_000), reached.set_result, None)
        self.world.loop.run_until_complete(reached)

    def finish(self, client: Any, task: Any) -> None:
        client.finishing = True
        self.world.loop.run_until_complete(task)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with SimWorld(5) as world:
        yield Bench(world)
