"""A loop of consume, transform, produce through aiokafka: the verb `transform` of its driver.

Its offsets go without the member's name, so that the broker cannot tell who has lost its partitions meanwhile: one
member a group is safe, more are not.
"""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced

from tests.clients.drivers import protocol
from tests.clients.drivers.aiokafka_group import open_consumer
from tests.clients.drivers.aiokafka_transact import open_producer
from tests.clients.drivers.membership import (
    POLL_MS,
    TRANSACTION_TIMEOUT_MS,
    TRANSFORMED,
    Turns,
    end_of_input,
    read_transformation,
)

Polled = dict[TopicPartition, list[Any]]


class Transformer:
    """One consumer, one producer."""

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, target: str, turns: Turns) -> None:
        self._consumer = consumer
        self._producer = producer
        self._target = target
        self._turns = turns

    async def turn(self, group: str) -> None:
        """One transaction, when there is something to do."""
        polled: Polled = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=TRANSFORMED)
        if not polled:
            return
        count = sum(len(records) for records in polled.values())
        try:
            await self._copy(polled, group)
            if self._turns.is_abort():
                await self._give_up(polled)
                self._turns.aborted(count)
            else:
                await self._producer.commit_transaction()
                self._turns.committed(count)
        except ProducerFenced:
            raise
        except KafkaError as refusal:
            await self._give_up(polled)
            self._turns.refused(repr(refusal))

    async def _copy(self, polled: Polled, group: str) -> None:
        await self._producer.begin_transaction()
        offsets = {}
        for place, records in polled.items():
            for record in records:
                await self._producer.send(self._target, value=record.value, key=record.key, partition=record.partition)
            offsets[place] = records[-1].offset + 1
        await self._producer.send_offsets_to_transaction(offsets, group)

    async def _give_up(self, polled: Polled) -> None:
        """Abort, and go back to where this transaction began."""
        await self._producer.abort_transaction()
        own = self._consumer.assignment()
        for place, records in polled.items():
            if place in own:
                self._consumer.seek(place, records[0].offset)


async def transform(options: protocol.Options) -> None:
    wanted = read_transformation()
    ended = end_of_input()
    # First the old transactions of this id end, then it asks where to begin.
    producer = await open_producer(options.bootstrap, wanted.transactional_id, TRANSACTION_TIMEOUT_MS)
    consumer = open_consumer(options.bootstrap, wanted.membership, isolation_level="read_committed")
    consumer.subscribe(topics=[wanted.source])
    await consumer.start()
    transformer = Transformer(consumer, producer, wanted.target, Turns(wanted.abort_every))
    while not ended.is_set():
        await transformer.turn(wanted.membership.group)
    await consumer.stop()
    await producer.stop()
