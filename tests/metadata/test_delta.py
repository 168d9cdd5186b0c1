"""The difference between two images, for a broker that holds partitions."""

from __future__ import annotations

from cordwood.metadata import brokers, configs, topics
from cordwood.metadata.delta import Delta, delta
from cordwood.metadata.image import ALL_BROKERS, EMPTY, Resource
from cordwood.metadata.topics import Doomed, MorePartitions, NewTopic
from tests.metadata.cluster_of import after, cluster_of, registration, with_topics

EMPTY_CLUSTER = cluster_of(1)
IMAGE = with_topics(EMPTY_CLUSTER, NewTopic("orders", 2), "others")


def names(held):
    return [str(item.name) for item in held]


def test_nothing_changed():
    found = delta(IMAGE, IMAGE)
    assert found == Delta((), (), (), ())


def test_everything_is_new_at_the_start():
    found = delta(EMPTY, IMAGE)
    assert names(found.created) == ["orders-0", "orders-1", "others-0"]
    assert found.created[0].topic_id == IMAGE.topic("orders").id
    assert found.reconfigured == ()


def test_partitions_come_and_go():
    grown = after(IMAGE, topics.create_partitions(IMAGE, [MorePartitions("orders", 3)]))
    assert names(delta(IMAGE, grown).created) == ["orders-2"]
    shrunk = after(IMAGE, topics.delete(IMAGE, [Doomed("orders")]))
    assert names(delta(IMAGE, shrunk).deleted) == ["orders-0", "orders-1"]


def test_a_topic_that_was_deleted_and_created_anew_is_another():
    shrunk = after(IMAGE, topics.delete(IMAGE, [Doomed("others")]))
    anew = with_topics(with_topics(shrunk, "spare"), "others")
    found = delta(IMAGE, anew)
    assert names(found.deleted) == ["others-0"]
    assert names(found.created) == ["spare-0", "others-0"]


def test_new_leader_epochs_are_changes():
    restarted = after(IMAGE, brokers.register(IMAGE, registration(1, clean=False)))
    found = delta(IMAGE, restarted)
    assert names(found.changed) == ["orders-0", "orders-1", "others-0"]
    assert found.changed[0].partition.leader_epoch == 1
    assert (found.deleted, found.created, found.reconfigured) == ((), (), ())


def configured(image, resource, name, value):
    change = configs.Change(name, configs.Operation.SET, value)
    return after(image, configs.incremental_alter(image, [configs.Alteration(resource, (change,))]))


def test_topics_with_other_configs_are_named():
    image = configured(IMAGE, Resource(2, "orders"), "retention.ms", "5")
    assert delta(IMAGE, image).reconfigured == ("orders",)
    image = configured(IMAGE, ALL_BROKERS, "log.retention.ms", "5")
    assert delta(IMAGE, image).reconfigured == ("orders", "others")
