"""What a test does to the broker beside the tool under test: it makes topics, writes words, reads tables, asks of groups.

All of it through librdkafka, but for the look at a group: that client refuses to describe one that is not of consumers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from cordwood.wire.messages.describe_groups import DescribeGroupsRequest
from tests.raw_client import RawClient

WITHIN_S = 20.0
# A broker that goes away at the end of a test is no news.
QUIET = {"log_level": "0"}
# A table is opened before the tool has made its topic.
NOT_YET = {"topic.metadata.propagation.max.ms": "120000"}
DESCRIBE_VERSION = 5
READ_AT_ONCE = 1_000
READ_WITHIN_S = 0.02
# Which partition is the producer's affair.
ANY = -1

Value = TypeVar("Value")


class Admin:
    """The broker as an administrator sees it."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, **QUIET})

    def create(self, topic: str, partitions: int) -> None:
        self._admin.create_topics([NewTopic(topic, partitions)])[topic].result(WITHIN_S)

    def topics(self, pattern: str = ".*") -> dict[str, int]:
        """The partitions of every topic whose name matches."""
        found = self._admin.list_topics(timeout=WITHIN_S).topics
        return {name: len(topic.partitions) for name, topic in found.items() if re.fullmatch(pattern, name)}

    def configs(self, topic: str) -> dict[str, str]:
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        answer = self._admin.describe_configs([resource])[resource].result(WITHIN_S)
        return {name: entry.value for name, entry in answer.items()}

    def ends(self, topic: str) -> dict[int, int]:
        """Where each partition ends."""
        return self._offsets(topic, OffsetSpec.latest())

    def starts(self, topic: str) -> dict[int, int]:
        """Where each partition begins."""
        return self._offsets(topic, OffsetSpec.earliest())

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The offsets that the group has committed, where it has."""
        request = ConsumerGroupTopicPartitions(group)
        answer = self._admin.list_consumer_group_offsets([request])[group].result(WITHIN_S)
        found = answer.topic_partitions or []
        return {place.partition: place.offset for place in found if place.topic == topic and place.offset >= 0}

    def commit(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Gives a group without members offsets."""
        places = [TopicPartition(topic, partition, offset) for partition, offset in offsets.items()]
        request = ConsumerGroupTopicPartitions(group, places)
        done = self._admin.alter_consumer_group_offsets([request])[group].result(WITHIN_S)
        assert all(place.error is None for place in done.topic_partitions or []), done.topic_partitions

    def has_committed_all(self, group: str, topic: str) -> bool:
        """Whether nothing of the topic is left to do for the group."""
        ends = {partition: end for partition, end in self.ends(topic).items() if end}
        committed = self.committed(group, topic)
        return all(committed.get(partition) == end for partition, end in ends.items())

    def group(self, group: str) -> tuple[str, str, str, int]:
        """State, type, assignor and number of members of a group."""
        host, port = self.bootstrap.rsplit(":", 1)
        with RawClient(int(port), host) as client:
            (found,) = client.ask(DescribeGroupsRequest(groups=[group]), DESCRIBE_VERSION).groups
        return found.group_state, found.protocol_type, found.protocol_data, len(found.members)

    def _offsets(self, topic: str, spec: OffsetSpec) -> dict[int, int]:
        places = [TopicPartition(topic, partition) for partition in range(self.topics(re.escape(topic))[topic])]
        answers = self._admin.list_offsets(dict.fromkeys(places, spec))
        return {place.partition: answer.result(WITHIN_S).offset for place, answer in answers.items()}


def send(bootstrap: str, topic: str, records: Iterable[tuple[str | None, str]], partition: int = ANY) -> None:
    """Write records, and wait until each is acknowledged."""
    failed: list[object] = []
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": "5", **QUIET})
    for key, value in records:
        producer.produce(
            topic, value.encode(), key, partition, on_delivery=lambda error, _: failed.append(error) if error else None
        )
    left = producer.flush(WITHIN_S)
    assert not left, f"{left} records were not acknowledged"
    assert not failed, failed


def send_in_transaction(bootstrap: str, transactional_id: str, topic: str, partition: int) -> None:
    """Write one record in a transaction, and commit it."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": transactional_id, **QUIET})
    producer.init_transactions(WITHIN_S)
    producer.begin_transaction()
    producer.produce(topic, b"sold", partition=partition)
    producer.commit_transaction(WITHIN_S)


class Table(Generic[Value]):
    """A topic read as a table: the last value of each key, from the beginning up to now, of what is committed."""

    def __init__(
        self, bootstrap: str, topic: str, partitions: int, decode: Callable[[Message], tuple[str, Value]]
    ) -> None:
        self.rows: dict[str, Value] = {}
        self.changes: list[tuple[str, Value]] = []
        self.records = 0
        self._decode = decode
        settings = {"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": "false"}
        settings["isolation.level"] = "read_committed"
        self._consumer = Consumer({**settings, **NOT_YET, **QUIET})
        self._consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])

    def read(self) -> dict[str, Value]:
        """Take in what has come; the rows."""
        for message in self._consumer.consume(READ_AT_ONCE, READ_WITHIN_S):
            assert message.error() is None, message.error()
            key, value = self._decode(message)
            self.rows[key] = value
            self.changes.append((key, value))
            self.records += 1
        return self.rows

    def close(self) -> None:
        self._consumer.close()
