"""A transactional producer through aiokafka: the verb `transact` of its driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import BrokerResponseError

from tests.clients.drivers import protocol

RETRY_BACKOFF_MS = 20


async def open_producer(bootstrap: str, transactional_id: str, timeout_ms: int) -> AIOKafkaProducer:
    """A producer that has fenced all others of this id."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        transactional_id=transactional_id,
        transaction_timeout_ms=timeout_ms,
        linger_ms=2,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )
    await producer.start()
    return producer


class Transactions:
    """The steps of transactions, one after the other."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None

    async def init(self, request: Mapping[str, Any]) -> object:
        self._producer = await open_producer(self._bootstrap, request["transactional_id"], request["timeout_ms"])
        return None

    async def begin(self, request: Mapping[str, Any]) -> object:
        await self._producer.begin_transaction()
        return None

    async def send(self, request: Mapping[str, Any]) -> object:
        sent = [
            await self._producer.send(
                record["topic"],
                value=protocol.bare(record["value"]),
                key=protocol.bare(record.get("key")),
                partition=record["partition"],
            )
            for record in request["records"]
        ]
        return [(await one).offset for one in sent]

    async def offsets(self, request: Mapping[str, Any]) -> object:
        offsets = {TopicPartition(topic, partition): offset for topic, partition, offset in request["offsets"]}
        await self._producer.send_offsets_to_transaction(offsets, request["group"])
        return None

    async def commit(self, request: Mapping[str, Any]) -> object:
        await self._producer.commit_transaction()
        return None

    async def abort(self, request: Mapping[str, Any]) -> object:
        await self._producer.abort_transaction()
        return None


def code_of(error: Exception) -> int | None:
    return int(error.errno) if isinstance(error, BrokerResponseError) else None


def transact(options: protocol.Options) -> None:
    # Not asyncio.run for each step: between two of them the producer goes on by itself.
    loop = asyncio.new_event_loop()

    def blocking(step: Callable[[Mapping[str, Any]], Any]) -> protocol.Operation:
        return lambda request: asyncio.run_coroutine_threadsafe(step(request), loop).result()

    steps = protocol.operations_of(Transactions(options.bootstrap))
    serving = loop.run_in_executor(
        None, protocol.serve_operations, {name: blocking(step) for name, step in steps.items()}, code_of
    )
    loop.run_until_complete(serving)
