"""A compacted topic that a real producer writes to, while it is compacted.

CLIENTS_UPDATES says how many updates there are; the default fits a test run, ten million fit an evening.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.cli.broker_process import BrokerProcess
from tests.replica.test_cleaning import until

UPDATES = int(os.environ.get("CLIENTS_UPDATES", "200000"))
KEYS = 2_000
STRIDE = 7919
"""A prime: neighbours in time are no neighbours in keys."""

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]


def key(number: int) -> bytes:
    return b"key-%06d" % (number * STRIDE % KEYS)


def value(number: int) -> bytes:
    return b"value-%010d" % number


def produce(producer: Producer, start: int, end: int) -> None:
    for number in range(start, end):
        while True:
            try:
                producer.produce("c", value(number), key=key(number))
                break
            except BufferError:
                producer.poll(0.1)
    assert producer.flush(60) == 0


def read(bootstrap: str) -> list[tuple[int, bytes, bytes]]:
    """Everything that is left, as a consumer sees it."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False})
    partition = TopicPartition("c", 0, 0)
    _, end = consumer.get_watermark_offsets(partition, timeout=10)
    consumer.assign([partition])
    found: list[tuple[int, bytes, bytes]] = []
    while not found or found[-1][0] < end - 1:
        for message in consumer.consume(1000, timeout=0.1):
            assert message.error() is None, message.error()
            found.append((message.offset(), message.key(), message.value()))
    consumer.close()
    return found


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_the_last_value_of_each_key_in_offset_order_while_a_producer_goes_on(tmp_path: Path, codec: str) -> None:
    arguments = ("--listen", "127.0.0.1:0", "--set", "log.cleaner.backoff.ms=50", "--set", "flush.policy=os")
    with BrokerProcess(tmp_path, *arguments) as broker:
        bootstrap = f"127.0.0.1:{broker.port()}"
        config = {"cleanup.policy": "compact", "segment.bytes": "100000", "min.cleanable.dirty.ratio": "0.1"}
        topic = NewTopic("c", num_partitions=1, replication_factor=1, config=config)
        admin = AdminClient({"bootstrap.servers": bootstrap})
        admin.create_topics([topic])["c"].result()
        producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "compression.type": codec})
        produce(producer, 0, UPDATES)
        written = UPDATES

        def is_compacted() -> bool:
            nonlocal written
            produce(producer, written, written + 100)
            written += 100
            return len(read(bootstrap)) < UPDATES // 2

        until(is_compacted)
        found = read(bootstrap)
    offsets = [offset for offset, _, _ in found]
    assert offsets == sorted(set(offsets))
    last = {key(number): (number, value(number)) for number in range(written)}
    assert {name: (offset, text) for offset, name, text in found} == last
