"""Clients are held to their quotas over ten seconds, to within ten percent, and others do not feel it.

A real node and clients that always want more, in virtual time: what is measured here is exact and takes no time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

import pytest

from cordwood.sim.clients.connection import Address, BrokerConnection, Unanswered
from cordwood.sim.process import Process
from cordwood.sim.world import SimWorld
from cordwood.wire.frame import join, request_frame
from cordwood.wire.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    EntityData,
    EntryData,
    OpData,
)
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from cordwood.wire.messages.fetch import FetchResponse
from cordwood.wire.messages.produce import ProduceRequest, ProduceResponse
from tests.broker.handlers.messages import batch_of, fetch_request, produce_request
from tests.sim.clients.conftest import Bench

RATE: Final = 50_000
REQUEST_BYTES: Final = 4_000
SECONDS: Final = 25
SPAN: Final = 10


class Quotas(Bench):
    """A broker, and clients with names of their own."""

    def __init__(self, world: SimWorld) -> None:
        self.connections: list[BrokerConnection] = []
        super().__init__(world)

    def connection(self) -> BrokerConnection:
        return self.connect("admin")

    def connect(self, name: str) -> BrokerConnection:
        process = Process("client", name)
        made = BrokerConnection(process, Address("n1", 9092), self.world.dice(name), self.world.trace)
        self.connections.append(made)
        return made

    def limit(self, kind: str, name: str | None, key: str, value: float) -> None:
        entity = [EntityData(entity_type=kind, entity_name=name)]
        request = AlterClientQuotasRequest(entries=[EntryData(entity=entity, ops=[OpData(key=key, value=value)])])
        self.run(self.connection().ask_until(request, 1, AlterClientQuotasResponse, lambda _: []))

    def all_of(self, *clients: Callable[[float], Coroutine[Any, Any, None]]) -> float:
        """Has clients do what they do until the time is over; gives the time when they began."""
        begin = self.world.loop.time()

        async def together() -> None:
            await asyncio.gather(*(client(begin + SECONDS) for client in clients))

        self.run(together())
        return begin


@pytest.fixture
def quotas() -> Iterator[Quotas]:
    with SimWorld(11) as world:
        made = Quotas(world)
        yield made
        for connection in made.connections:
            connection.abort()


async def passing(seconds: float) -> None:
    """So much virtual time."""
    loop = asyncio.get_running_loop()
    passed = loop.create_future()
    loop.call_later(seconds, passed.set_result, None)
    await passed


Taken = list[tuple[float, int]]


def check_held(taken: Taken, begin: float, rate: float, request: float) -> None:
    """Every ten seconds from the first on have the quota, give or take ten percent.

    What is over is what a few requests take: one for each connection, and as many as were answered late.
    """
    for start in range(SECONDS - SPAN + 1):
        got = sum(size for at, size in taken if begin + start <= at < begin + start + SPAN)
        assert 0.9 * rate * SPAN <= got <= rate * SPAN + request, (start, got / (rate * SPAN))
        assert got <= 1.1 * rate * SPAN


class Producing:
    """A producer that always has more, with several requests in flight."""

    def __init__(self, connection: BrokerConnection, in_flight: int = 5, bytes_each: int = REQUEST_BYTES) -> None:
        self._connection = connection
        self._in_flight = in_flight
        self.request: ProduceRequest = produce_request("orders", batch_of([bytes(bytes_each)]))
        self.size = len(join(request_frame(0, 9, 1, connection.name, self.request))) - 4
        self.acknowledged: Taken = []
        self.throttle_ms: list[int] = []

    async def run(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        await self._connection.open()
        for _ in range(self._in_flight):
            self._connection.send(self.request, 9)
        while loop.time() < until:
            answer = await self._connection.receive(ProduceResponse)
            assert not answer.responses[0].partition_responses[0].error_code
            self.acknowledged.append((loop.time(), self.size))
            self.throttle_ms.append(answer.throttle_time_ms)
            self._connection.send(self.request, 9)


class Pacing:
    """A producer that sends a little, and looks how long it takes."""

    def __init__(self, connection: BrokerConnection) -> None:
        self._connection = connection
        self.took: list[float] = []
        self.throttle_ms: list[int] = []

    async def run(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            begin = loop.time()
            answer = await self._connection.ask(produce_request("orders", batch_of([b"x"])), 9, ProduceResponse)
            self.took.append(loop.time() - begin)
            self.throttle_ms.append(answer.throttle_time_ms)
            await passing(0.1)


def test_a_producer_is_held_to_its_quota_and_others_do_not_feel_it(quotas: Quotas) -> None:
    quotas.limit("client-id", "greedy", "producer_byte_rate", RATE)
    greedy, other = Producing(quotas.connect("greedy")), Pacing(quotas.connect("other"))
    begin = quotas.all_of(greedy.run, other.run)
    check_held(greedy.acknowledged, begin, RATE, 3 * greedy.size)
    assert sum(throttle_ms > 0 for throttle_ms in greedy.throttle_ms) > len(greedy.throttle_ms) / 2
    assert not any(other.throttle_ms)
    assert len(other.took) > 0.8 * SECONDS / 0.1
    assert sum(other.took) / len(other.took) < 0.03, "syncs of the disk are shared, and nothing else is"
    counts = quotas.machine.node.throttle_counts()["Produce"]
    assert counts.throttled >= sum(throttle_ms > 0 for throttle_ms in greedy.throttle_ms)


def test_all_connections_of_a_client_share_its_quota(quotas: Quotas) -> None:
    quotas.limit("user", None, "producer_byte_rate", RATE)
    several = [Producing(quotas.connect(f"client {number}"), in_flight=2) for number in range(4)]
    begin = quotas.all_of(*(one.run for one in several))
    taken = [part for one in several for part in one.acknowledged]
    check_held(taken, begin, RATE, 6 * several[0].size)


def test_a_consumer_is_held_to_its_quota(quotas: Quotas) -> None:
    quotas.limit("client-id", "slow", "consumer_byte_rate", RATE)
    filler = quotas.connect("filler")

    async def fill(until: float) -> None:
        for _ in range(int(1.2 * RATE * SECONDS / REQUEST_BYTES)):
            await filler.ask(produce_request("orders", batch_of([bytes(REQUEST_BYTES)])), 9, ProduceResponse)

    quotas.all_of(fill)
    slow, taken, throttle_ms = quotas.connect("slow"), [], []

    async def consume(until: float) -> None:
        loop = asyncio.get_running_loop()
        offset = 0
        while loop.time() < until:
            answer = await slow.ask(fetch_request("orders", offset, max_wait_ms=500), 12, FetchResponse)
            throttle_ms.append(answer.throttle_time_ms)
            size = sum(len(data.records or b"") for topic in answer.responses for data in topic.partitions)
            assert size or answer.throttle_time_ms, "whoever gets nothing is told to wait, or would ask in vain"
            offset += size // (REQUEST_BYTES + 60)
            taken.append((loop.time(), size))

    begin = quotas.all_of(consume)
    check_held(taken, begin, RATE, REQUEST_BYTES + 100)
    assert any(throttle_ms)


def test_connections_of_an_address_are_held_to_their_rate(quotas: Quotas) -> None:
    rate = 4
    quotas.limit("ip", None, "connection_creation_rate", rate)
    quotas.pass_time(SPAN + 1.0)
    let_in: Taken = []

    async def connect_again_and_again(until: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            connection = quotas.connect("eager")
            try:
                await connection.ask(ApiVersionsRequest(), 0, ApiVersionsResponse)
                let_in.append((loop.time(), 1))
            except Unanswered:
                pass
            connection.abort()
            await passing(0.02)

    begin = quotas.all_of(*[connect_again_and_again] * 8)
    check_held(let_in, begin, rate, 1)
