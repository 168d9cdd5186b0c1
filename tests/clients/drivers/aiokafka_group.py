"""A member of a group through aiokafka: the verb `group` of its driver."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaConnectionError, KafkaError

from tests.clients.drivers import protocol
from tests.clients.drivers.membership import POLL_MS, PORTION, Journal, Membership, Place, end_of_input, read_membership

ASSIGNORS = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor}
RETRY_BACKOFF_MS = 20
CONNECT_AGAIN_S = 0.05


def places(partitions: Iterable[TopicPartition]) -> list[Place]:
    return [(partition.topic, partition.partition) for partition in partitions]


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the journal. aiokafka knows no loss: what it lost it is told to give up."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._journal.assigned(places(assigned))

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._journal.revoked(places(revoked))


def open_consumer(
    bootstrap: str, membership: Membership, isolation_level: str = "read_uncommitted"
) -> AIOKafkaConsumer:
    chosen = {} if membership.assignor is None else {"partition_assignment_strategy": [ASSIGNORS[membership.assignor]]}
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=membership.group,
        group_instance_id=membership.instance_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation_level,
        session_timeout_ms=membership.session_timeout_ms,
        heartbeat_interval_ms=membership.heartbeat_ms,
        fetch_max_wait_ms=100,
        retry_backoff_ms=RETRY_BACKOFF_MS,
        **chosen,
    )


async def joined(
    bootstrap: str, membership: Membership, journal: Journal, ended: threading.Event
) -> AIOKafkaConsumer | None:
    """A consumer that has started; None when input ended before the broker was there, which aiokafka does not wait for."""
    while True:
        consumer = open_consumer(bootstrap, membership)
        consumer.subscribe(topics=membership.topics, pattern=membership.pattern, listener=Listener(journal))
        try:
            await consumer.start()
        except KafkaConnectionError:
            await consumer.stop()
            if await asyncio.to_thread(ended.wait, CONNECT_AGAIN_S):
                return None
        else:
            return consumer


async def commit(consumer: AIOKafkaConsumer, journal: Journal) -> None:
    offsets = journal.uncommitted()
    if not offsets:
        return
    try:
        await consumer.commit({TopicPartition(*place): offset for place, offset in offsets.items()})
    except KafkaError as error:
        journal.refused(repr(error))
    else:
        journal.committed(offsets)


async def group(options: protocol.Options) -> None:
    membership = read_membership()
    ended = end_of_input()
    journal = Journal()
    consumer = await joined(options.bootstrap, membership, journal, ended)
    if consumer is None:
        return
    while not ended.is_set():
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=PORTION)
        journal.records(
            (record.topic, record.partition, record.offset) for records in polled.values() for record in records
        )
        await commit(consumer, journal)
    await consumer.stop()
