"""What records do, and that nothing else changes."""

from __future__ import annotations

import pytest

from cordwood.metadata.image import EMPTY, Endpoint, EntityPart, Image, QuorumNode, ResourceKind
from cordwood.metadata.records import (
    ClusterRecord,
    ConfigRecord,
    FeatureRecord,
    PartitionChange,
    PartitionRecord,
    ProducerIdsRecord,
    QuorumNodeRecord,
    QuotaRecord,
    RegisterBroker,
    RemoveQuorumNode,
    RemoveTopic,
    RenewLeadership,
    TopicRecord,
    UnregisterBroker,
)
from cordwood.metadata.replay import Draft, replay, replay_all
from cordwood.model.errors import InvalidMetadata
from tests.metadata.cluster_of import id_of

TOPIC = TopicRecord("orders", id_of(7))
PARTITION = PartitionRecord(id_of(7), 0, (1, 2))
ORDERS = replay_all(EMPTY, [TOPIC, PARTITION])


def test_a_topic_comes_with_its_partitions():
    partition = ORDERS.partition("orders", 0)
    assert (partition.leader, partition.leader_epoch, partition.partition_epoch) == (1, 0, 0)
    assert partition.replicas == partition.isr == (1, 2)
    assert ORDERS.topics_by_id == {id_of(7): ORDERS.topic("orders")}


def test_one_by_one_is_the_same_as_all_at_once():
    assert replay(replay(EMPTY, TOPIC), PARTITION) == ORDERS


def test_the_image_before_stays_as_it_was():
    replay(ORDERS, RemoveTopic(id_of(7)))
    replay(ORDERS, PartitionRecord(id_of(7), 1, (2,)))
    assert len(ORDERS.topic("orders").partitions) == 1
    assert Image() == EMPTY


def test_what_stays_is_shared():
    image = replay_all(ORDERS, [TopicRecord("others", id_of(8)), PartitionRecord(id_of(8), 0, (1,))])
    assert image.topic("orders") is ORDERS.topic("orders")
    assert image.configs is ORDERS.configs
    assert replay(ORDERS, ProducerIdsRecord(1, 5)).topics is ORDERS.topics


def test_a_partition_gets_a_new_leader():
    image = replay(ORDERS, PartitionChange(id_of(7), 0, 2, 4, (2,)))
    partition = image.partition("orders", 0)
    assert (partition.leader, partition.leader_epoch, partition.partition_epoch) == (2, 4, 1)
    assert (partition.replicas, partition.isr) == ((1, 2), (2,))


def test_a_broker_leads_anew_what_it_leads_and_nothing_else():
    others = [TopicRecord("others", id_of(8)), PartitionRecord(id_of(8), 0, (2,))]
    begun = [TopicRecord("begun", id_of(9)), PartitionRecord(id_of(9), 0, (2, 1)), PartitionRecord(id_of(9), 1, (1, 2))]
    before = replay_all(ORDERS, others)
    image = replay_all(before, [*begun, RenewLeadership(1), RenewLeadership(1)])
    epochs = {
        topic.name: [(partition.leader_epoch, partition.partition_epoch) for partition in topic.partitions]
        for topic in image.topics.values()
    }
    assert epochs == {"orders": [(2, 2)], "others": [(0, 0)], "begun": [(0, 0), (2, 2)]}
    assert image.topic("others") is before.topic("others")
    assert image.partition("orders", 0).isr == (1, 2)
    assert replay(before, RenewLeadership(7)).topics is before.topics


def test_a_topic_goes_with_its_configs():
    image = replay_all(ORDERS, [ConfigRecord(2, "orders", "retention.ms", "1"), RemoveTopic(id_of(7))])
    assert image == EMPTY


def test_a_topic_that_goes_in_the_batch_it_came_in():
    assert replay_all(EMPTY, [TOPIC, PARTITION, RemoveTopic(id_of(7))]) == EMPTY


def test_configs_come_and_go():
    given = replay_all(ORDERS, [ConfigRecord(2, "orders", "a", "1"), ConfigRecord(2, "orders", "b", "2")])
    assert given.topic_configs("orders") == {"a": "1", "b": "2"}
    taken = replay_all(given, [ConfigRecord(2, "orders", "a", None), ConfigRecord(2, "orders", "c", None)])
    assert taken.topic_configs("orders") == {"b": "2"}
    assert replay(taken, ConfigRecord(2, "orders", "b", None)) == ORDERS
    assert given.topic_configs("orders") == {"a": "1", "b": "2"}


def test_quotas_come_and_go():
    alice, anybody = (EntityPart("user", "alice"),), (EntityPart("user", None),)
    given = replay_all(
        ORDERS, [QuotaRecord(alice, "a", 1.0), QuotaRecord(anybody, "a", 2.5), QuotaRecord(alice, "b", 3.0)]
    )
    assert given.quotas == {alice: {"a": 1.0, "b": 3.0}, anybody: {"a": 2.5}}
    taken = replay_all(given, [QuotaRecord(alice, "a", None), QuotaRecord(anybody, "c", None)])
    assert taken.quotas == {alice: {"b": 3.0}, anybody: {"a": 2.5}}
    assert replay_all(taken, [QuotaRecord(alice, "b", None), QuotaRecord(anybody, "a", None)]) == ORDERS
    assert given.quotas[alice] == {"a": 1.0, "b": 3.0}
    assert replay(given, ProducerIdsRecord(1, 5)).quotas is given.quotas


def test_levels_of_features_are_noted_and_counted():
    image = replay_all(EMPTY, [FeatureRecord("a", 1), FeatureRecord("b", 0), FeatureRecord("a", 2)])
    assert (image.features, image.feature_epoch) == ({"a": 2, "b": 0}, 3)
    assert replay(image, TOPIC).features is image.features


def test_brokers_come_and_go():
    image = replay_all(EMPTY, [RegisterBroker(1, 1, b"", ()), RegisterBroker(2, 5, b"x", (), "rack")])
    assert image.brokers[2].rack == "rack"
    assert image.last_broker_epoch == 5
    gone = replay(image, UnregisterBroker(1))
    assert list(gone.brokers) == [2]
    assert gone.last_broker_epoch == 5


def test_nodes_of_the_quorum_come_and_go():
    here, there = (Endpoint("PLAINTEXT", host, 9092) for host in ("here", "there"))
    image = replay_all(EMPTY, [QuorumNodeRecord(1, bytes(16), here), QuorumNodeRecord(2, b"d" * 16, here)])
    moved = replay(image, QuorumNodeRecord(1, b"e" * 16, there))
    assert moved.quorum_nodes == {1: QuorumNode(1, b"e" * 16, there), 2: QuorumNode(2, b"d" * 16, here)}
    assert list(replay(moved, RemoveQuorumNode(2)).quorum_nodes) == [1]
    assert image.quorum_nodes[1].endpoint == here
    assert replay(image, TOPIC).quorum_nodes is image.quorum_nodes


def test_the_cluster_is_founded_once():
    image = replay(EMPTY, ClusterRecord("id"))
    assert image.cluster_id == "id"
    with pytest.raises(InvalidMetadata):
        replay(image, ClusterRecord("id"))


@pytest.mark.parametrize(
    "record",
    [
        TOPIC,
        TopicRecord("orders", id_of(8)),
        TopicRecord("others", id_of(7)),
        PARTITION,
        PartitionRecord(id_of(7), 2, (1,)),
        PartitionRecord(id_of(7), 1, ()),
        PartitionRecord(id_of(8), 0, (1,)),
        PartitionChange(id_of(7), 1, 1, 1, (1,)),
        PartitionChange(id_of(7), 0, 1, 0, (1,)),
        RemoveTopic(id_of(8)),
        ConfigRecord(ResourceKind.TOPIC, "others", "a", "1"),
        ProducerIdsRecord(1, 0),
        RegisterBroker(1, 0, b"", ()),
        UnregisterBroker(1),
        RemoveQuorumNode(1),
        QuotaRecord((), "a", 1.0),
        FeatureRecord("a", -1),
    ],
)
def test_a_record_that_contradicts_the_image_is_refused(record):
    with pytest.raises(InvalidMetadata, match="contradicts"):
        replay(ORDERS, record)


def test_a_draft_is_the_image_it_began_with():
    assert Draft(ORDERS).image() == ORDERS
