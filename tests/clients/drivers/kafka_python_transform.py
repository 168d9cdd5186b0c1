"""A loop of consume, transform, produce through kafka-python 3: the verb `transform` of its driver."""

from __future__ import annotations

import sys
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, ProducerFencedError, RetriableError

from tests.clients.drivers import protocol
from tests.clients.drivers.kafka_python_group import LONG_POLL_MS, open_consumer
from tests.clients.drivers.kafka_python_transact import open_producer
from tests.clients.drivers.membership import (
    TRANSACTION_TIMEOUT_MS,
    TRANSFORMED,
    Turns,
    end_of_input,
    read_transformation,
)

Polled = dict[TopicPartition, list[Any]]


class Transformer:
    """One consumer, one producer."""

    def __init__(self, consumer: KafkaConsumer, producer: Any, target: str, turns: Turns) -> None:
        self._consumer = consumer
        self._producer = producer
        self._target = target
        self._turns = turns

    def turn(self) -> None:
        """One transaction, when there is something to do."""
        try:
            polled: Polled = self._consumer.poll(timeout_ms=LONG_POLL_MS, max_records=TRANSFORMED)
        except RetriableError as error:
            print(repr(error), file=sys.stderr)
            return
        if not polled:
            return
        count = sum(len(records) for records in polled.values())
        try:
            self._copy(polled)
            if self._turns.is_abort():
                self._give_up(polled)
                self._turns.aborted(count)
            else:
                self._producer.commit_transaction()
                self._turns.committed(count)
        except ProducerFencedError:
            raise
        except KafkaError as refusal:
            self._give_up(polled)
            self._turns.refused(repr(refusal))

    def _copy(self, polled: Polled) -> None:
        self._producer.begin_transaction()
        offsets = {}
        for place, records in polled.items():
            for record in records:
                self._producer.send(self._target, value=record.value, key=record.key, partition=record.partition)
            offsets[place] = OffsetAndMetadata(records[-1].offset + 1, "", -1)
        self._producer.send_offsets_to_transaction(offsets, self._consumer.group_metadata())

    def _give_up(self, polled: Polled) -> None:
        """Abort, and go back to where this transaction began."""
        self._producer.abort_transaction()
        own = self._consumer.assignment()
        for place, records in polled.items():
            if place in own:
                self._consumer.seek(place, records[0].offset)


def transform(options: protocol.Options) -> None:
    wanted = read_transformation()
    ended = end_of_input()
    # First the old transactions of this id end, then it asks where to begin.
    producer = open_producer(options.bootstrap, wanted.transactional_id, TRANSACTION_TIMEOUT_MS)
    consumer = open_consumer(options.bootstrap, wanted.membership, isolation_level="read_committed")
    consumer.subscribe(topics=[wanted.source])
    transformer = Transformer(consumer, producer, wanted.target, Turns(wanted.abort_every))
    while not ended.is_set():
        transformer.turn()
    consumer.close()
