"""A transactional producer through kafka-python 3: the verb `transact` of its driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from tests.clients.drivers import protocol

PATIENCE = {"reconnect_backoff_ms": 20, "reconnect_backoff_max_ms": 100, "retry_backoff_ms": 20}
ACKNOWLEDGED_WITHIN_S = 60.0


def open_producer(bootstrap: str, transactional_id: str, timeout_ms: int) -> KafkaProducer:
    """A producer that has fenced all others of this id."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        transactional_id=transactional_id,
        transaction_timeout_ms=timeout_ms,
        linger_ms=2,
        **PATIENCE,
    )
    producer.init_transactions()
    return producer


class Transactions:
    """The steps of transactions, one after the other."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None

    def init(self, request: Mapping[str, Any]) -> object:
        self._producer = open_producer(self._bootstrap, request["transactional_id"], request["timeout_ms"])
        return None

    def begin(self, request: Mapping[str, Any]) -> object:
        self._producer.begin_transaction()
        return None

    def send(self, request: Mapping[str, Any]) -> object:
        sent = [
            self._producer.send(
                record["topic"],
                value=protocol.bare(record["value"]),
                key=protocol.bare(record.get("key")),
                partition=record["partition"],
            )
            for record in request["records"]
        ]
        return [one.get(timeout=ACKNOWLEDGED_WITHIN_S).offset for one in sent]

    def offsets(self, request: Mapping[str, Any]) -> object:
        offsets = {
            TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)
            for topic, partition, offset in request["offsets"]
        }
        self._producer.send_offsets_to_transaction(offsets, request["group"])
        return None

    def commit(self, request: Mapping[str, Any]) -> object:
        self._producer.commit_transaction()
        return None

    def abort(self, request: Mapping[str, Any]) -> object:
        self._producer.abort_transaction()
        return None


def code_of(error: Exception) -> int | None:
    return int(error.errno) if isinstance(error, KafkaError) and hasattr(error, "errno") else None


def transact(options: protocol.Options) -> None:
    protocol.serve_operations(protocol.operations_of(Transactions(options.bootstrap)), code_of)
