"""Partitions lie on all brokers, and a client that knows one address reaches them all."""

from __future__ import annotations

from collections import Counter

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.cluster.nodes import ClusterOf

pytestmark = [pytest.mark.clients, pytest.mark.timeout(240)]

SIZE = 3
PARTITIONS = 2 * SIZE
RECORDS = 600
WITHIN_S = 60.0


def produce(bootstrap: str, topic: str) -> list[bytes]:
    """Values, written to all partitions in turn; each of them was acknowledged."""
    failures: list[object] = []
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True})
    values = [b"value-%d" % number for number in range(RECORDS)]
    for number, value in enumerate(values):
        producer.produce(
            topic,
            value,
            partition=number % PARTITIONS,
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
    assert producer.flush(WITHIN_S) == 0
    assert not failures
    return values


def consume(bootstrap: str, topic: str, group: str) -> list[bytes]:
    """As many values as there should be, as a member of a group."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    found: list[bytes] = []
    try:
        while len(found) < RECORDS:
            messages = consumer.consume(RECORDS - len(found), WITHIN_S)
            assert messages, f"{len(found)} of {RECORDS} records came within {WITHIN_S} s"
            for message in messages:
                assert message.error() is None, message.error()
                found.append(message.value() or b"")
        consumer.commit(asynchronous=False)
    finally:
        consumer.close()
    return found


def create(bootstrap: str, topic: str) -> None:
    """A topic whose partitions are spread over all brokers."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(WITHIN_S)
    leaders = Counter(partition.leader for partition in admin.list_topics(topic).topics[topic].partitions.values())
    assert leaders == dict.fromkeys(range(1, SIZE + 1), PARTITIONS // SIZE)


def test_all_partitions_are_reached_through_one_address(three: ClusterOf) -> None:
    for node in three.nodes.values():
        topic = f"spread-{node.number}"
        create(node.address, topic)
        values = produce(node.address, topic)
        assert sorted(consume(node.address, topic, f"group-{node.number}")) == sorted(values)


def test_records_outlive_a_restart_of_their_broker(three: ClusterOf) -> None:
    create(three.servers, "outlives")
    values = produce(three.servers, "outlives")
    for node in three.nodes.values():
        node.process.kill()
        node.start()
    assert sorted(consume(three.servers, "outlives", "later")) == sorted(values)
