"""Brokers come, come again, and go."""

from __future__ import annotations

import pytest

from cordwood.metadata import encode
from cordwood.metadata.brokers import register, unregister
from cordwood.metadata.topics import NewTopic
from cordwood.model.errors import InvalidRequest
from cordwood.model.ids import BrokerId
from cordwood.model.quorum_errors import BrokerNotRegistered
from tests.metadata.cluster_of import after, cluster_of, registration, with_topics


def test_epochs_grow():
    image = cluster_of(1, 2)
    assert [image.brokers[number].epoch for number in (1, 2)] == [1, 2]
    result = register(image, registration(1))
    assert result.reply == 3
    assert after(image, result).brokers[1].epoch == 3


def test_a_broker_that_stopped_in_order_goes_on_leading_as_before():
    image = with_topics(cluster_of(1), NewTopic("orders", 2))
    assert after(image, register(image, registration(1))).topics is image.topics


def test_a_broker_that_did_not_leads_under_new_epochs():
    image = with_topics(cluster_of(1, 2), NewTopic("orders", 2))
    restarted = after(image, register(image, registration(1, clean=False)))
    for before, now in zip(image.topic("orders").partitions, restarted.topic("orders").partitions, strict=True):
        led = before.leader == 1
        assert now.leader_epoch == before.leader_epoch + led
        assert (now.leader, now.isr, now.replicas) == (before.leader, before.isr, before.replicas)


def test_what_a_start_after_a_crash_writes_does_not_grow_with_the_partitions():
    image = with_topics(cluster_of(1), NewTopic("orders", 1000))
    result = register(image, registration(1, clean=False))
    assert sum(len(encode(record)) for record in result.records) < 300
    assert {partition.leader_epoch for partition in after(image, result).topic("orders").partitions} == {1}


def test_a_broker_leaves_when_it_holds_nothing():
    image = with_topics(cluster_of(1, 2), "orders")
    (holder,) = image.partition("orders", 0).replicas
    other = 3 - holder
    assert list(after(image, unregister(image, BrokerId(other))).brokers) == [holder]
    with pytest.raises(InvalidRequest, match="orders-0"):
        unregister(image, BrokerId(holder))
    with pytest.raises(BrokerNotRegistered):
        unregister(image, BrokerId(9))
