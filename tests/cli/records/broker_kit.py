"""Topics of a broker for tests: made, filled and read by a client of their own."""

from __future__ import annotations

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cordwood.cli.records.message import Outgoing


def make_topic(server, name, partitions=1, **config):
    """A new topic."""
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers, "log_level": 2})
    admin.create_topics([NewTopic(name, partitions, config=config)])[name].result()
    return name


def fill(server, topic, records):
    """Appends records, of which each says its partition."""
    producer = Producer({"bootstrap.servers": server.bootstrap_servers, "log_level": 2})
    for record in records:
        producer.produce(
            topic,
            record.value,
            record.key,
            partition=record.partition or 0,
            timestamp=record.timestamp_ms or 0,
            headers=list(record.headers),
        )
    assert producer.flush(30) == 0


def values(*texts, partition=0):
    """Records that have a value and nothing else."""
    return [Outgoing(None, text.encode(), (), partition) for text in texts]


def append_transaction(server, topic, texts, *, commits, name="writer"):
    """Appends records in a transaction, whose marker takes an offset too; returns the producer if it stays open."""
    producer = Producer({"bootstrap.servers": server.bootstrap_servers, "transactional.id": name, "log_level": 2})
    producer.init_transactions(30)
    producer.begin_transaction()
    for text in texts:
        producer.produce(topic, text, partition=0)
    assert producer.flush(30) == 0
    if commits is None:
        return producer
    (producer.commit_transaction if commits else producer.abort_transaction)(30)
    return None


def contents(server, topic, partitions=1):
    """All records of a topic, partition by partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": server.bootstrap_servers,
            "group.id": "contents",
            "fetch.wait.max.ms": 10,
            "log_level": 2,
        }
    )
    found = []
    for number in range(partitions):
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=30)
        consumer.assign([TopicPartition(topic, number, 0)])
        while end and not (found and (found[-1].partition(), found[-1].offset()) == (number, end - 1)):
            record = consumer.poll(30)
            assert record is not None, f"no record came from {topic}-{number}"
            found.append(record)
    consumer.close()
    return [
        Outgoing(record.key(), record.value(), tuple(record.headers() or ()), record.partition(), record.timestamp()[1])
        for record in found
    ]
