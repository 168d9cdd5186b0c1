"""A broker with two topics, and groups that have read some of them, or are at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cordwood.testing import Server

JOINED_WITHIN = 300
"""So often is looked whether a member has partitions, a tenth of a second each time."""


def commit(server: Server, group: str, offsets: dict[tuple[str, int], int]) -> None:
    """Gives a group offsets, as if members had committed them."""
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    partitions = [TopicPartition(*place, offset) for place, offset in offsets.items()]
    done = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, partitions)])[group].result()
    assert all(one.error is None for one in done.topic_partitions)


@contextmanager
def member(server: Server, group: str, protocol: str) -> Iterator[str]:
    """The id of a member that has the partitions of `orders`, and has committed offset 1 of the first."""
    consumer = Consumer(
        {
            "bootstrap.servers": server.bootstrap_servers,
            "group.id": group,
            "group.protocol": protocol,
            "client.id": "reader",
            "enable.auto.commit": "false",
        }
    )
    consumer.subscribe(["orders"])
    for _ in range(JOINED_WITHIN):
        consumer.poll(0.1)
        if consumer.assignment():
            break
    consumer.commit(offsets=[TopicPartition("orders", 0, 1)], asynchronous=False)
    yield consumer.memberid()
    consumer.close()


@pytest.fixture(scope="module")
def groups(server: Server) -> Server:
    """orders has partitions 0 and 1 with 5 records each, bills one with 10; `billing` and `audit` have read of them."""
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    for made in admin.create_topics([NewTopic("orders", 2), NewTopic("bills", 1)]).values():
        made.result()
    producer = Producer({"bootstrap.servers": server.bootstrap_servers})
    for number in range(10):
        producer.produce("orders", str(number), partition=number % 2, timestamp=1_000 + number)
        producer.produce("bills", str(number), partition=0)
    producer.flush()
    commit(server, "audit", {("orders", 1): 5})
    commit(server, "billing", {("orders", 0): 3, ("bills", 0): 1})
    return server


@pytest.fixture(scope="module")
def reading(groups: Server) -> Iterator[str]:
    """The member of `readers`, a group of KIP-848."""
    with member(groups, "readers", "consumer") as member_id:
        yield member_id


@pytest.fixture(scope="module")
def reading_classic(groups: Server) -> Iterator[str]:
    """The member of `classics`, a classic group."""
    with member(groups, "classics", "classic") as member_id:
        yield member_id
