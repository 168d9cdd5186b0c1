"""A loop of consume, transform, produce through confluent-kafka: the verb `transform` of its driver."""

from __future__ import annotations

import sys
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tests.clients.drivers import protocol
from tests.clients.drivers.confluent_group import settings
from tests.clients.drivers.confluent_transact import open_producer
from tests.clients.drivers.membership import (
    POLL_MS,
    TRANSACTION_TIMEOUT_MS,
    TRANSFORMED,
    Transformation,
    Turns,
    end_of_input,
    read_transformation,
)


class Transformer:
    """One consumer, one producer."""

    def __init__(self, bootstrap: str, wanted: Transformation) -> None:
        self._target = wanted.target
        self._turns = Turns(wanted.abort_every)
        # First the old transactions of this id end, then it asks where to begin.
        self._producer = open_producer(bootstrap, wanted.transactional_id, TRANSACTION_TIMEOUT_MS)
        committed_only = {"isolation.level": "read_committed"}
        self._consumer = Consumer({**settings(bootstrap, wanted.membership), **committed_only})
        self._consumer.subscribe([wanted.source])

    def turn(self) -> None:
        """One transaction, when there is something to do."""
        messages: list[Any] = []
        for message in self._consumer.consume(TRANSFORMED, POLL_MS / 1000):
            error: Any = message.error()
            if error is None:
                messages.append(message)
            elif error.fatal():
                raise KafkaException(error)
            else:
                print(error, file=sys.stderr)
        if not messages:
            return
        try:
            self._copy(messages)
            if self._turns.is_abort():
                self._give_up(messages)
                self._turns.aborted(len(messages))
            else:
                self._producer.commit_transaction()
                self._turns.committed(len(messages))
        except KafkaException as refusal:
            if not refusal.args[0].txn_requires_abort():
                raise
            self._give_up(messages)
            self._turns.refused(refusal)

    def close(self) -> None:
        self._consumer.close()

    def _copy(self, messages: list[Any]) -> None:
        self._producer.begin_transaction()
        offsets: dict[int, TopicPartition] = {}
        for message in messages:
            self._producer.produce(self._target, message.value(), message.key(), message.partition())
            offsets[message.partition()] = TopicPartition(message.topic(), message.partition(), message.offset() + 1)
        self._producer.send_offsets_to_transaction(list(offsets.values()), self._consumer.consumer_group_metadata())

    def _give_up(self, messages: list[Any]) -> None:
        """Abort, and go back to where this transaction began."""
        self._producer.abort_transaction()
        own = {place.partition for place in self._consumer.assignment()}
        # Backwards, so that the last seek of each partition is to its first record.
        for message in reversed(messages):
            if message.partition() in own:
                self._consumer.seek(TopicPartition(message.topic(), message.partition(), message.offset()))


def transform(options: protocol.Options) -> None:
    transformer = Transformer(options.bootstrap, read_transformation())
    ended = end_of_input()
    while not ended.is_set():
        transformer.turn()
    transformer.close()
