"""A transactional producer through confluent-kafka (librdkafka): the verb `transact` of its driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.clients.drivers import protocol

PATIENCE = {
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 100,
    "retry.backoff.ms": 20,
    "retry.backoff.max.ms": 100,
    "metadata.recovery.strategy": "none",
}


def open_producer(bootstrap: str, transactional_id: str, timeout_ms: int) -> Producer:
    """A producer that has fenced all others of this id."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "transactional.id": transactional_id,
            "transaction.timeout.ms": timeout_ms,
            "message.timeout.ms": timeout_ms,
            "linger.ms": 2,
            **PATIENCE,
        }
    )
    producer.init_transactions()
    return producer


class Transactions:
    """The steps of transactions, one after the other."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._opened: Producer | None = None

    def init(self, request: Mapping[str, Any]) -> object:
        self._opened = open_producer(self._bootstrap, request["transactional_id"], request["timeout_ms"])
        return None

    def begin(self, request: Mapping[str, Any]) -> object:
        self._producer.begin_transaction()
        return None

    def send(self, request: Mapping[str, Any]) -> object:
        records = request["records"]
        offsets: list[int | None] = [None] * len(records)
        refusals: list[KafkaError] = []
        for n, record in enumerate(records):

            def delivered(error: KafkaError | None, message: Message, n: int = n) -> None:
                if error is not None:
                    refusals.append(error)
                else:
                    offsets[n] = message.offset()

            key, value = protocol.bare(record.get("key")), protocol.bare(record["value"])
            self._producer.produce(record["topic"], value, key, record["partition"], on_delivery=delivered)
        self._producer.flush()
        if refusals:
            raise KafkaException(refusals[0])
        return offsets

    def offsets(self, request: Mapping[str, Any]) -> object:
        offsets = [TopicPartition(*place) for place in request["offsets"]]
        # Whoever is not in the group has to be asked for its metadata all the same.
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": request["group"]})
        self._producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
        consumer.close()
        return None

    def commit(self, request: Mapping[str, Any]) -> object:
        self._producer.commit_transaction()
        return None

    def abort(self, request: Mapping[str, Any]) -> object:
        self._producer.abort_transaction()
        return None

    @property
    def _producer(self) -> Producer:
        assert self._opened is not None, "the first operation is init"
        return self._opened


def code_of(error: Exception) -> int | None:
    return int(error.args[0].code()) if isinstance(error, KafkaException) else None


def transact(options: protocol.Options) -> None:
    protocol.serve_operations(protocol.operations_of(Transactions(options.bootstrap)), code_of)
