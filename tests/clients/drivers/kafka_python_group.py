"""A member of a group through kafka-python 3: the verb `group` of its driver."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import KafkaError, RetriableError

from tests.clients.drivers import protocol
from tests.clients.drivers.membership import PORTION, Journal, Membership, Place, end_of_input, read_membership

PATIENCE = {"reconnect_backoff_ms": 20, "reconnect_backoff_max_ms": 100, "retry_backoff_ms": 20}
ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "cooperative-sticky": CooperativeStickyAssignor,
}
# A join that ends just between two polls is forgotten: the member has its partitions and never hears of them (seen with
# 3.0.12, the more often the shorter a poll). So a poll lasts longer than most joins; records end it at once.
LONG_POLL_MS = 2_000
COMMITTED_WITHIN_MS = 5_000


def places(partitions: Iterable[TopicPartition]) -> list[Place]:
    return [(partition.topic, partition.partition) for partition in partitions]


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the journal. The callbacks run inside of poll, when everything polled before has been handed over."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._journal.assigned(places(assigned))

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._journal.revoked(places(revoked))

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._journal.lost(places(lost))


def open_consumer(bootstrap: str, membership: Membership, isolation_level: str = "read_uncommitted") -> KafkaConsumer:
    chosen = {} if membership.assignor is None else {"partition_assignment_strategy": [ASSIGNORS[membership.assignor]]}
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=membership.group,
        group_instance_id=membership.instance_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation_level,
        session_timeout_ms=membership.session_timeout_ms,
        heartbeat_interval_ms=membership.heartbeat_ms,
        max_poll_records=PORTION,
        fetch_max_wait_ms=100,
        **PATIENCE,
        **chosen,
    )


def commit(consumer: KafkaConsumer, journal: Journal) -> None:
    offsets = journal.uncommitted()
    if not offsets:
        return
    wanted = {TopicPartition(*place): OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()}
    try:
        consumer.commit(wanted, timeout_ms=COMMITTED_WITHIN_MS)
    except KafkaError as error:
        journal.refused(repr(error))
    else:
        journal.committed(offsets)


def group(options: protocol.Options) -> None:
    membership = read_membership()
    ended = end_of_input()
    journal = Journal()
    consumer = open_consumer(options.bootstrap, membership)
    consumer.subscribe(topics=membership.topics, pattern=membership.pattern, listener=Listener(journal))
    while not ended.is_set():
        try:
            polled = consumer.poll(timeout_ms=LONG_POLL_MS)
        except RetriableError as error:
            # That the broker is not there is told to whoever polls, who may poll again.
            print(repr(error), file=sys.stderr)
            continue
        journal.records(
            (record.topic, record.partition, record.offset) for records in polled.values() for record in records
        )
        commit(consumer, journal)
    consumer.close()
