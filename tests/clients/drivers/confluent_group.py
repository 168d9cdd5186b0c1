"""A member of a group through confluent-kafka (librdkafka): the verb `group` of its driver."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tests.clients.drivers import protocol
from tests.clients.drivers.membership import POLL_MS, PORTION, Journal, Membership, Place, end_of_input, read_membership

PATIENCE = {
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 100,
    "retry.backoff.ms": 20,
    "retry.backoff.max.ms": 100,
    "fetch.wait.max.ms": 100,
    "fetch.error.backoff.ms": 50,
}


def settings(bootstrap: str, membership: Membership) -> dict[str, Any]:
    """The client's configuration. What the broker decides under the new protocol may not even be said there."""
    chosen: dict[str, Any] = {
        "bootstrap.servers": bootstrap,
        "group.id": membership.group,
        "group.protocol": membership.protocol,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        **PATIENCE,
    }
    if membership.instance_id is not None:
        chosen["group.instance.id"] = membership.instance_id
    if membership.protocol == "classic":
        chosen["session.timeout.ms"] = membership.session_timeout_ms
        chosen["heartbeat.interval.ms"] = membership.heartbeat_ms
    if membership.assignor is not None:
        name = "partition.assignment.strategy" if membership.protocol == "classic" else "group.remote.assignor"
        chosen[name] = membership.assignor
    return chosen


def places(partitions: Iterable[TopicPartition]) -> list[Place]:
    return [(partition.topic, partition.partition) for partition in partitions]


class Member:
    """One consumer. Its callbacks run inside of poll, so that a record in hand is never of a partition given up."""

    def __init__(self, bootstrap: str, membership: Membership) -> None:
        self._journal = Journal()
        self._in_hand: list[tuple[str, int, int]] = []
        self._consumer = Consumer(settings(bootstrap, membership))
        wanted = membership.topics if membership.pattern is None else [membership.pattern]
        self._consumer.subscribe(wanted, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)

    def poll(self) -> None:
        """Take one record, or hand over what there is when none comes."""
        message: Any = self._consumer.poll(POLL_MS / 1000)
        if message is None:
            self._hand_over()
        elif message.error() is not None:
            if message.error().fatal():
                raise KafkaException(message.error())
            print(message.error(), file=sys.stderr)
        else:
            self._in_hand.append((message.topic(), message.partition(), message.offset()))
            if len(self._in_hand) >= PORTION:
                self._hand_over()

    def close(self) -> None:
        self._hand_over()
        self._consumer.close()

    def _hand_over(self) -> None:
        self._write_out()
        offsets = self._journal.uncommitted()
        if not offsets:
            return
        wanted = [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
        try:
            answers: Any = self._consumer.commit(offsets=wanted, asynchronous=False)
        except KafkaException as error:
            self._journal.refused(error)
            return
        # Without an error of the whole, each partition may have one of its own.
        for answer in answers:
            if answer.error is not None:
                self._journal.refused(answer.error)
        taken = set(places(answer for answer in answers if answer.error is None))
        self._journal.committed({place: offset for place, offset in offsets.items() if place in taken})

    def _write_out(self) -> None:
        self._journal.records(self._in_hand)
        self._in_hand.clear()

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._journal.assigned(places(partitions))

    def _revoked(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._hand_over()
        self._journal.revoked(places(partitions))

    def _lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._write_out()
        self._journal.lost(places(partitions))


def group(options: protocol.Options) -> None:
    member = Member(options.bootstrap, read_membership())
    ended = end_of_input()
    while not ended.is_set():
        member.poll()
    member.close()
