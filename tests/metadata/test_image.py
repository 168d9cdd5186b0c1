"""Questions about an image."""

from __future__ import annotations

import pytest

from cordwood.metadata.image import EMPTY, Resource, ResourceKind, Topic
from cordwood.metadata.records import ConfigRecord
from cordwood.metadata.replay import replay, replay_all
from cordwood.metadata.topics import NewTopic
from cordwood.model.errors import UnknownTopic, UnknownTopicId
from tests.metadata.cluster_of import cluster_of, id_of, with_topics

IMAGE = with_topics(cluster_of(1), NewTopic("orders", partitions=3), "__consumer_offsets")


def test_topics_are_found_by_name_and_by_id():
    orders = IMAGE.topic("orders")
    assert IMAGE.topic_by_id(orders.id) is orders
    assert orders.replication_factor == 1
    assert IMAGE.partition_count == 4


def test_an_unknown_topic_is_an_error():
    with pytest.raises(UnknownTopic):
        IMAGE.topic("none")
    with pytest.raises(UnknownTopicId):
        IMAGE.topic_by_id(id_of(7))


def test_partitions_are_found():
    assert IMAGE.partition("orders", 2).index == 2
    for name, index in (("orders", 3), ("orders", -1), ("none", 0)):
        assert IMAGE.find_partition(name, index) is None
        with pytest.raises(UnknownTopic):
            IMAGE.partition(name, index)


def test_internal_topics_are_known():
    assert IMAGE.topic("__consumer_offsets").internal
    assert not IMAGE.topic("orders").internal


def test_configs_are_empty_until_given():
    assert IMAGE.topic_configs("orders") == {}
    image = replay(IMAGE, ConfigRecord(ResourceKind.TOPIC, "orders", "retention.ms", "1"))
    assert image.topic_configs("orders") == {"retention.ms": "1"}
    assert image.config_of(Resource(2, "orders")) == {"retention.ms": "1"}


def test_the_layers_of_a_broker():
    image = replay_all(
        IMAGE,
        [
            ConfigRecord(ResourceKind.BROKER, "", "log.segment.bytes", "1"),
            ConfigRecord(ResourceKind.BROKER, "1", "log.segment.bytes", "2"),
        ],
    )
    layers = image.broker_layers(1, {"log.segment.bytes": "3"})
    assert [values["log.segment.bytes"] for _, values in layers.strongest_first()] == ["2", "1", "3"]
    assert image.broker_layers(2, {}).broker == {}


def test_images_cannot_be_changed():
    with pytest.raises(AttributeError):
        EMPTY.cluster_id = "x"  # type: ignore[misc]


def test_a_topic_without_partitions_has_no_replicas():
    assert Topic("new", id_of(5), ()).replication_factor == 0
