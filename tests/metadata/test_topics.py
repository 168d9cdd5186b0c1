"""Topics are created, deleted and grown, item by item."""

from __future__ import annotations

import pytest

from cordwood.metadata.records import ConfigRecord, PartitionRecord, RemoveTopic, TopicRecord
from cordwood.metadata.topics import (
    PARTITIONS_LIMIT,
    RESERVED_IDS,
    Assignment,
    Doomed,
    InternalTopic,
    MorePartitions,
    NewTopic,
    TopicDefaults,
    create,
    create_partitions,
    delete,
    new_topic_id,
)
from cordwood.model.errors import (
    InvalidConfig,
    InvalidPartitions,
    InvalidReplicaAssignment,
    InvalidReplicationFactor,
    InvalidRequest,
    InvalidTopicName,
    PolicyViolation,
    TopicDeletionDisabled,
    TopicExists,
    UnknownTopic,
    UnknownTopicId,
)
from tests.metadata.cluster_of import after, cluster_of, id_of, ids, with_topics

ONE = cluster_of(1)
THREE = cluster_of(1, 2, 3)


DEFAULTS = TopicDefaults()


def created(image, *wanted, defaults=DEFAULTS, **more):
    return create(image, wanted, new_id=ids(), defaults=defaults, **more)


def error_of(image, *wanted, **more):
    result = created(image, *wanted, **more)
    assert not result.records
    return result.reply[-1].error


def test_a_topic_is_created_with_its_partitions_and_configs():
    result = created(ONE, NewTopic("orders", 2, 1, configs=(("retention.ms", "5"),)))
    assert result.records == (
        TopicRecord("orders", id_of(1000)),
        PartitionRecord(id_of(1000), 0, (1,)),
        PartitionRecord(id_of(1000), 1, (1,)),
        ConfigRecord(2, "orders", "retention.ms", "5"),
    )
    image = after(ONE, result)
    (reply,) = result.reply
    assert reply.topic == image.topic("orders")
    assert reply.configs == image.topic_configs("orders") == {"retention.ms": "5"}


def test_defaults_are_taken_where_the_client_does_not_say():
    defaults = TopicDefaults(partitions=4, replication_factor=1)
    topic = created(THREE, NewTopic("orders"), defaults=defaults).reply[0].topic
    assert topic is not None
    assert (len(topic.partitions), topic.replication_factor) == (4, 1)


def test_a_wish_may_be_judged_only():
    result = created(ONE, NewTopic("orders", 3), validate_only=True)
    assert result.records == ()
    assert result.reply[0].topic is not None
    assert len(result.reply[0].topic.partitions) == 3


def test_clients_may_choose_the_brokers():
    wanted = NewTopic("orders", assignments=(Assignment(1, (2,)), Assignment(0, (3,))))
    topic = created(THREE, wanted).reply[0].topic
    assert topic is not None
    assert [partition.replicas for partition in topic.partitions] == [(3,), (2,)]
    assert [partition.leader for partition in topic.partitions] == [3, 2]


def test_partitions_are_spread_over_the_brokers():
    topic = created(THREE, NewTopic("orders", 6)).reply[0].topic
    assert topic is not None
    assert sorted(partition.leader for partition in topic.partitions) == [1, 1, 2, 2, 3, 3]
    firsts = {item.topic.partitions[0].leader for item in created(THREE, *map(NewTopic, "abc")).reply if item.topic}
    assert firsts == {1, 2, 3}, "not every topic begins with the same broker"


@pytest.mark.parametrize(
    ("wanted", "defaults"),
    [
        (NewTopic("orders", 1, 2), TopicDefaults()),
        (NewTopic("orders", 1, -1), TopicDefaults(replication_factor=3)),
        (NewTopic("orders", assignments=(Assignment(0, (1, 2)),)), TopicDefaults()),
    ],
)
def test_partitions_are_not_replicated_yet(wanted, defaults):
    (reply,) = created(THREE, wanted, defaults=defaults).reply
    assert type(reply.error) is InvalidReplicationFactor
    assert "does not replicate" in str(reply.error)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (NewTopic("", 1), InvalidTopicName),
        (NewTopic("a/b", 1), InvalidTopicName),
        (NewTopic("__cluster_metadata", 1), InvalidRequest),
        (NewTopic("orders", 0), InvalidPartitions),
        (NewTopic("orders", -2), InvalidPartitions),
        (NewTopic("orders", 0, 4), InvalidPartitions),
        (NewTopic("orders", 1, 0), InvalidReplicationFactor),
        (NewTopic("orders", 1, -2), InvalidReplicationFactor),
        (NewTopic("orders", 1, 4), InvalidReplicationFactor),
        (NewTopic("orders", 1, 1, configs=(("retention.m", "5"),)), InvalidConfig),
        (NewTopic("orders", 1, 1, configs=(("retention.ms", "soon"),)), InvalidConfig),
        (NewTopic("orders", 1, 1, configs=(("retention.ms", None),)), InvalidConfig),
        (NewTopic("a/b", 1, 1, configs=(("retention.m", "5"),)), InvalidTopicName),
        (NewTopic("orders", 0, 1, configs=(("retention.m", "5"),)), InvalidConfig),
        (NewTopic("orders", 1, -1, (Assignment(0, (1,)),)), InvalidRequest),
        (NewTopic("orders", -1, 1, (Assignment(0, (1,)),)), InvalidRequest),
        (NewTopic("orders", -1, -1, (Assignment(1, (1,)),)), InvalidReplicaAssignment),
        (NewTopic("orders", -1, -1, (Assignment(0, (1,)), Assignment(0, (2,)))), InvalidReplicaAssignment),
        (NewTopic("orders", -1, -1, (Assignment(0, (1,)), Assignment(1, (1, 2)))), InvalidReplicaAssignment),
        (NewTopic("orders", -1, -1, (Assignment(0, (9,)),)), InvalidReplicaAssignment),
        (NewTopic("orders", -1, -1, (Assignment(0, ()),)), InvalidReplicaAssignment),
    ],
)
def test_wishes_that_cannot_be(wanted, error):
    assert type(error_of(THREE, wanted)) is error


def test_names_are_taken_once():
    image = with_topics(ONE, "orders.new")
    assert type(error_of(image, NewTopic("orders.new"))) is TopicExists
    assert type(error_of(image, NewTopic("orders.new", configs=(("no.such", "1"),)))) is TopicExists
    assert type(error_of(image, NewTopic("orders_new"))) is InvalidTopicName


def test_of_a_setting_given_twice_the_last_counts():
    (reply,) = created(ONE, NewTopic("a", configs=(("flush.ms", "1"), ("flush.ms", "2")))).reply
    assert reply.configs == {"flush.ms": "2"}


def test_a_name_given_twice_in_a_request_is_refused_once():
    result = created(ONE, NewTopic("a"), NewTopic("b"), NewTopic("a"))
    assert [(item.name, type(item.error)) for item in result.reply] == [("a", InvalidRequest), ("b", type(None))]
    assert [record.name for record in result.records if isinstance(record, TopicRecord)] == ["b"]


def test_names_in_one_request_may_not_collide():
    result = created(ONE, NewTopic("a.b"), NewTopic("a_b"))
    assert [type(item.error) for item in result.reply] == [type(None), InvalidTopicName]


@pytest.mark.parametrize(
    "wanted",
    [
        (NewTopic("a", PARTITIONS_LIMIT + 1),),
        (NewTopic("a", 1 << 31),),
        (NewTopic("a", PARTITIONS_LIMIT), NewTopic("b", 1)),
        (NewTopic("a", PARTITIONS_LIMIT - 2), NewTopic("b", -5), NewTopic("c")),
    ],
)
def test_one_request_has_one_bound(wanted):
    """None of its topics is made. Whoever asks for no possible number takes no room from the others."""
    with pytest.raises(PolicyViolation, match=str(PARTITIONS_LIMIT)):
        created(ONE, *wanted, defaults=TopicDefaults(partitions=3))
    assert created(ONE, NewTopic("a", PARTITIONS_LIMIT - 3), NewTopic("b", -5), NewTopic("c")).records


def test_no_broker_no_topic():
    assert type(error_of(cluster_of(), NewTopic("orders"))) is InvalidReplicationFactor


def test_reserved_ids_are_not_taken():
    tokens = [*RESERVED_IDS, b"x" * 16]
    assert new_topic_id(lambda size: tokens.pop(0)[:size]) == b"x" * 16


def test_topics_are_deleted_by_name_and_by_id():
    image = with_topics(ONE, "a", "b", "c")
    ends = [Doomed("a"), Doomed(id=image.topic("b").id)]
    result = delete(image, ends)
    assert result.records == (RemoveTopic(image.topic("a").id), RemoveTopic(image.topic("b").id))
    assert [(item.name, item.id, item.error) for item in result.reply] == [
        ("a", image.topic("a").id, None),
        ("b", image.topic("b").id, None),
    ]
    assert list(after(image, result).topics) == ["c"]


def test_what_cannot_be_deleted():
    image = with_topics(ONE, "a", "b")
    doomed = [Doomed("none"), Doomed(id=id_of(9)), Doomed(), Doomed("a", id_of(9)), Doomed("a"), Doomed("a")]
    result = delete(image, [*doomed, Doomed("b")])
    assert [(item.name, type(item.error)) for item in result.reply] == [
        ("none", UnknownTopic),
        (None, UnknownTopicId),
        (None, InvalidRequest),
        ("a", InvalidRequest),
        ("a", InvalidRequest),
        ("b", type(None)),
    ]
    assert result.records == (RemoveTopic(image.topic("b").id),)


def test_a_topic_named_by_its_name_and_its_id_is_answered_once():
    image = with_topics(ONE, "a")
    result = delete(image, [Doomed(id=image.topic("a").id), Doomed("a")])
    assert result.records == ()
    assert [(item.name, item.id, type(item.error)) for item in result.reply] == [
        ("a", image.topic("a").id, InvalidRequest)
    ]
    twice = delete(image, [Doomed(id=image.topic("a").id)] * 2).reply
    assert [(item.name, item.id, type(item.error)) for item in twice] == [(None, image.topic("a").id, InvalidRequest)]


def test_deletion_may_be_forbidden():
    result = delete(with_topics(ONE, "a"), [Doomed("a")], enabled=False)
    assert result.records == ()
    assert type(result.reply[0].error) is TopicDeletionDisabled


def test_a_topic_gets_more_partitions():
    image = with_topics(THREE, NewTopic("orders", 2))
    result = create_partitions(image, [MorePartitions("orders", 5)])
    assert [record.index for record in result.records if isinstance(record, PartitionRecord)] == [2, 3, 4]
    assert result.reply[0].error is None
    grown = after(image, result).topic("orders")
    leaders = [partition.leader for partition in grown.partitions]
    assert len(set(leaders[:3])) == 3
    assert create_partitions(image, [MorePartitions("orders", 5)], validate_only=True).records == ()


def test_clients_may_choose_the_brokers_of_more_partitions():
    image = with_topics(THREE, NewTopic("orders", 1))
    result = create_partitions(image, [MorePartitions("orders", 3, ((2,), (3,)))])
    assert [record.replicas for record in result.records if isinstance(record, PartitionRecord)] == [(2,), (3,)]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (MorePartitions("none", 3), UnknownTopic),
        (MorePartitions("orders", 2), InvalidPartitions),
        (MorePartitions("orders", 1), InvalidPartitions),
        (MorePartitions("orders", -1), InvalidPartitions),
        (MorePartitions("orders", 1 << 31), PolicyViolation),
        (MorePartitions("orders", 3, ()), InvalidReplicaAssignment),
        (MorePartitions("orders", 3, ((1, 2), (2, 3))), InvalidReplicaAssignment),
        (MorePartitions("orders", 3, ((1, 2),)), InvalidReplicaAssignment),
        (MorePartitions("orders", 3, ((9,),)), InvalidReplicaAssignment),
    ],
)
def test_growth_that_cannot_be(wanted, error):
    result = create_partitions(with_topics(THREE, NewTopic("orders", 2)), [wanted])
    assert result.records == ()
    assert type(result.reply[0].error) is error


def test_a_topic_grows_once_in_a_request():
    image = with_topics(ONE, "a", "b")
    result = create_partitions(image, [MorePartitions("a", 2), MorePartitions("b", 2), MorePartitions("a", 3)])
    assert [(item.name, type(item.error)) for item in result.reply] == [("a", InvalidRequest), ("b", type(None))]


def test_a_topic_of_the_clusters_own_gets_what_it_needs():
    needed = InternalTopic(50, 3, (("cleanup.policy", "compact"), ("segment.bytes", "104857600")))
    defaults = TopicDefaults(internal={"__consumer_offsets": needed})
    given = NewTopic("__consumer_offsets", configs=(("segment.bytes", "2048"),))
    two = cluster_of(1, 2)
    (made,) = created(two, given, defaults=defaults).reply
    assert made.topic is not None
    assert (len(made.topic.partitions), made.topic.replication_factor) == (50, 1), "3 replicas at most, and 1 today"
    assert made.configs == {"cleanup.policy": "compact", "segment.bytes": "2048"}
    chosen = NewTopic("__consumer_offsets", partitions=4, replication_factor=1)
    (made,) = created(two, chosen, defaults=defaults).reply
    assert made.topic is not None
    assert (len(made.topic.partitions), made.topic.replication_factor) == (4, 1)
    assert defaults.creates("orders")
    assert defaults.creates("__consumer_offsets")
    assert not defaults.creates("__transaction_state")


@pytest.mark.parametrize(("replica_count", "expected"), [(1, "1"), (2, "2"), (3, "2")])
def test_a_topic_asks_for_no_more_replicas_in_sync_than_it_has(replica_count, expected):
    needed = InternalTopic(50, 3, (("cleanup.policy", "compact"),), 2)
    assert needed.configs_for(replica_count) == (("cleanup.policy", "compact"), ("min.insync.replicas", expected))
    defaults = TopicDefaults(internal={"__transaction_state": needed})
    (made,) = created(cluster_of(1, 2), NewTopic("__transaction_state"), defaults=defaults).reply
    assert made.configs == {"cleanup.policy": "compact", "min.insync.replicas": "1"}
