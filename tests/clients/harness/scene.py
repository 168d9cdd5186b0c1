"""What the admin clients find on a broker: for each client a topic with records, groups, and an open transaction.

Lives here: making it, by way of confluent-kafka. Must not live here: looking at it; see drivers/survey.py for the names.
"""

from __future__ import annotations

from contextlib import ExitStack

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.clients.drivers.survey import Scene
from tests.clients.harness.transactor import wait_until

RECORDS = 10
COMMITTED = 5
SET_WITHIN_S = 20.0


class Stage:
    """The scene of one client, as long as it is open."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self._common = {"bootstrap.servers": bootstrap}
        self._scene = Scene(name)
        self._stack = ExitStack()

    def __enter__(self) -> None:
        scene = self._scene
        admin = AdminClient(self._common)
        topics = [NewTopic(scene.records, 2, 1), NewTopic(scene.open, 1, 1)]
        for future in admin.create_topics(topics).values():
            future.result(SET_WITHIN_S)
        self._write_records()
        self._commit()
        self._join(scene.members, group_instance_id=scene.instance)
        self._join(scene.modern, group_protocol="consumer")
        self._open_transaction()

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _write_records(self) -> None:
        producer = Producer(self._common)
        for number in range(RECORDS):
            producer.produce(self._scene.records, b"%d" % number, partition=0, timestamp=1_700_000_000_000 + number)
        assert producer.flush(SET_WITHIN_S) == 0

    def _commit(self) -> None:
        """Without joining: the group is there and has no member."""
        consumer = Consumer({**self._common, "group.id": self._scene.group})
        consumer.commit(offsets=[TopicPartition(self._scene.records, 0, COMMITTED)], asynchronous=False)
        consumer.close()

    def _join(self, group: str, **more: str) -> None:
        settings = {name.replace("_", "."): value for name, value in more.items()}
        consumer = Consumer({**self._common, "group.id": group, **settings})
        self._stack.callback(consumer.close)
        consumer.subscribe([self._scene.records])

        def joined() -> bool:
            consumer.poll(0.02)
            return len(consumer.assignment()) == 2

        wait_until(joined, SET_WITHIN_S, lambda: f"{group} has no member yet")

    def _open_transaction(self) -> None:
        """It stays open until somebody ends it, at the latest the end of the scene."""
        producer = Producer({**self._common, "transactional.id": self._scene.transaction})
        producer.init_transactions(SET_WITHIN_S)
        producer.begin_transaction()
        producer.produce(self._scene.open, b"undecided")
        assert producer.flush(SET_WITHIN_S) == 0
        self._stack.callback(_abort, producer)


def _abort(producer: Producer) -> None:
    try:
        producer.abort_transaction(SET_WITHIN_S)
    except KafkaException:
        return  # The client under test has ended it, or fenced its producer.
