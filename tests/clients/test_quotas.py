"""Real clients are told how long to wait when they are over a quota, and what they get stays bounded; others go on.

The broker is in this process. How much a client gets in ten seconds is measured exactly in virtual time (tests/sim), and
with the machine's clock by `python -m bench quotas`.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from typing import Any, Final

import pytest
from confluent_kafka import Consumer, Producer

from cordwood.testing import Server
from cordwood.wire.messages.alter_client_quotas import AlterClientQuotasRequest, EntityData, EntryData, OpData
from tests.raw_client import RawClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # It reads its schemas in a way that Python gives up.
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition

RATE: Final = 200_000
VALUE: Final = bytes(20_000)
DEADLINE_S: Final = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(settings={"auto.create.topics.enable": "true"}) as running:
        limit(running, "greedy", producer_byte_rate=RATE, consumer_byte_rate=RATE)
        yield running


def limit(server: Server, client_id: str, **quotas: float) -> None:
    entity = [EntityData(entity_type="client-id", entity_name=client_id)]
    ops = [OpData(key=key, value=value) for key, value in quotas.items()]
    with RawClient(server.port) as client:
        answer = client.ask(AlterClientQuotasRequest(entries=[EntryData(entity=entity, ops=ops)]), 1)
    assert not answer.entries[0].error_code, answer.entries[0].error_message


class Watch:
    """What librdkafka tells of throttling."""

    def __init__(self) -> None:
        self.throttled: list[float] = []
        self.in_statistics_ms = 0

    def settings(self, server: Server, client_id: str) -> dict[str, Any]:
        return {
            "bootstrap.servers": server.bootstrap_servers,
            "client.id": client_id,
            "throttle_cb": lambda event: self.throttled.append(event.throttle_time),
            "statistics.interval.ms": 50,
            "stats_cb": self._statistics,
        }

    def _statistics(self, text: str) -> None:
        brokers = json.loads(text)["brokers"].values()
        self.in_statistics_ms = max([self.in_statistics_ms, *(broker["throttle"]["max"] for broker in brokers)])


def bytes_allowed(seconds: float, requests: int) -> float:
    """What a client can have got at the very most: the quota, and what was on its way when it was over."""
    return RATE * (seconds + 1) + requests * (len(VALUE) + 1_000)


def test_a_producer_of_librdkafka_is_told_and_another_goes_on(server: Server) -> None:
    watch, acknowledged = Watch(), [0]
    settings = {**watch.settings(server, "greedy"), "batch.num.messages": 1, "max.in.flight": 1}
    greedy, other = Producer(settings), Producer(Watch().settings(server, "other"))

    def count(error: Any, message: Any) -> None:
        assert error is None, error
        acknowledged[0] += len(message)

    begin = time.monotonic()
    while not (watch.throttled and watch.in_statistics_ms) and time.monotonic() < begin + DEADLINE_S:
        greedy.produce("produced", VALUE, on_delivery=count)
        greedy.poll(0.01)
    assert acknowledged[0] <= bytes_allowed(time.monotonic() - begin, 2)
    assert watch.throttled, "throttle_cb was not called"
    assert watch.in_statistics_ms > 0
    other.produce("others", VALUE)
    assert other.flush(DEADLINE_S) == 0, "another client goes on"
    greedy.purge()


def test_a_consumer_of_librdkafka_is_told(server: Server) -> None:
    filler = Producer({"bootstrap.servers": server.bootstrap_servers, "client.id": "filler", "batch.num.messages": 1})
    for _ in range(100):
        filler.produce("consumed", VALUE)
        filler.poll(0)
    assert filler.flush(DEADLINE_S) == 0
    watch, got = Watch(), 0
    consumer = Consumer({**watch.settings(server, "greedy"), "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.subscribe(["consumed"])
    begin = time.monotonic()
    while not (watch.throttled and got) and time.monotonic() < begin + DEADLINE_S:
        message = consumer.poll(0.1)
        got += len(message) if message is not None and message.error() is None else 0
    assert got <= bytes_allowed(time.monotonic() - begin, 2)
    assert watch.throttled
    consumer.close()


def throttled_ms(client: Any) -> float:
    """The longest that a client of kafka-python was told to wait, as its metrics have it."""
    return max(values.get("throttle-time-max", 0.0) for values in client.metrics().values())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_kafka_python_is_told(server: Server) -> None:
    settings = {"bootstrap_servers": server.bootstrap_servers, "client_id": "greedy"}
    producer = KafkaProducer(**settings, acks="all", batch_size=0)
    begin = time.monotonic()
    while throttled_ms(producer) <= 0 and time.monotonic() < begin + DEADLINE_S:
        producer.send("of-kafka-python", VALUE).get(DEADLINE_S)
    assert throttled_ms(producer) > 0
    producer.close()
    consumer = KafkaConsumer(**settings, auto_offset_reset="earliest")
    consumer.assign([TopicPartition("of-kafka-python", 0)])
    while throttled_ms(consumer) <= 0 and time.monotonic() < begin + 2 * DEADLINE_S:
        consumer.seek_to_beginning()
        consumer.poll(100)
    assert throttled_ms(consumer) > 0
    consumer.close()
