"""Ids are plain numbers at run time, and a partition has a name and an order."""

from __future__ import annotations

from cordwood.model.ids import NO_LEADER_EPOCH, NO_PRODUCER_ID, NO_TIMESTAMP, NO_TOPIC_ID, Offset, TopicPartition


def test_an_id_costs_nothing():
    number = 12345678
    assert Offset(number) is number


def test_what_is_absent_is_what_kafka_sends():
    assert (NO_LEADER_EPOCH, NO_PRODUCER_ID, NO_TIMESTAMP) == (-1, -1, -1)
    assert bytes(16) == NO_TOPIC_ID


def test_a_partition_names_itself_as_its_directory_does():
    assert str(TopicPartition("orders", 7)) == "orders-7"
    assert f"{TopicPartition('a-b', 0)}" == "a-b-0"


def test_partitions_are_ordered_by_number_within_a_topic():
    unordered = [TopicPartition("b", 0), TopicPartition("a", 10), TopicPartition("a", 9)]
    assert sorted(unordered) == [TopicPartition("a", 9), TopicPartition("a", 10), TopicPartition("b", 0)]


def test_a_partition_is_a_key():
    assert {TopicPartition("a", 1): "x"}[TopicPartition("a", 1)] == "x"
