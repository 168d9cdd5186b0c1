"""Configs are replaced and changed, resource by resource."""

from __future__ import annotations

import pytest

from cordwood.metadata import configs
from cordwood.metadata.configs import Alteration, Change, Operation, Replacement, alter, incremental_alter
from cordwood.metadata.image import ALL_BROKERS, Resource
from cordwood.metadata.records import ConfigRecord
from cordwood.model.errors import InvalidConfig, InvalidRequest, InvalidTopicName, PolicyViolation, UnknownTopic
from cordwood.model.settings import Layers
from tests.metadata.cluster_of import after, cluster_of, with_topics

IMAGE = with_topics(cluster_of(1, 2), "orders", "others")
ORDERS = Resource(2, "orders")
SET, DELETE, APPEND, SUBTRACT = Operation
HEARTBEAT = "consumer.heartbeat.interval.ms"


def changed(image, resource, *changes):
    result = incremental_alter(image, [Alteration(resource, tuple(Change(*change) for change in changes))])
    (reply,) = result.reply
    assert reply.resource == resource
    if reply.error is not None:
        assert not result.records
        raise reply.error
    return after(image, result)


def test_a_setting_is_set_and_deleted():
    image = changed(IMAGE, ORDERS, ("retention.ms", SET, "5"), ("segment.ms", SET, "6"))
    assert image.topic_configs("orders") == {"retention.ms": "5", "segment.ms": "6"}
    image = changed(image, ORDERS, ("retention.ms", DELETE, None), ("flush.ms", DELETE, None))
    assert image.topic_configs("orders") == {"segment.ms": "6"}


def test_no_records_where_nothing_changes():
    image = changed(IMAGE, ORDERS, ("retention.ms", SET, "5"))
    again = incremental_alter(image, [Alteration(ORDERS, (Change("retention.ms", SET, "5"),))])
    assert again.records == ()
    assert again.reply[0].error is None


def test_lists_are_edited():
    image = changed(IMAGE, ORDERS, ("cleanup.policy", APPEND, "compact"))
    assert image.topic_configs("orders") == {"cleanup.policy": "delete,compact"}
    image = changed(image, ORDERS, ("cleanup.policy", APPEND, "compact"))
    assert image.topic_configs("orders") == {"cleanup.policy": "delete,compact"}
    image = changed(image, ORDERS, ("cleanup.policy", SUBTRACT, "delete"))
    assert image.topic_configs("orders") == {"cleanup.policy": "compact"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([("nonsense", SET, "5")], InvalidConfig),
        ([("nonsense", APPEND, "5")], InvalidConfig),
        ([("retention.ms", SET, "soon")], InvalidConfig),
        ([("retention.ms", APPEND, "5")], InvalidConfig),
        ([("cleanup.policy", APPEND, "archive")], InvalidConfig),
        ([("retention.ms", SET, None)], InvalidRequest),
        ([("cleanup.policy", APPEND, None)], InvalidRequest),
        ([("retention.ms", 4, "5")], InvalidRequest),
        ([("retention.ms", SET, "5"), ("retention.ms", DELETE, None)], InvalidRequest),
    ],
)
def test_changes_that_cannot_be(changes, error):
    with pytest.raises(error):
        changed(IMAGE, ORDERS, *changes)


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        (Resource(2, "none"), UnknownTopic),
        (Resource(4, "9"), InvalidRequest),
        (Resource(4, "one"), InvalidRequest),
        (Resource(8, "1"), InvalidRequest),
        (Resource(2, ""), InvalidRequest),
        (Resource(2, "no name"), InvalidTopicName),
        (Resource(16, ""), InvalidRequest),
        (Resource(32, ""), InvalidRequest),
    ],
)
def test_resources_that_cannot_be(resource, error):
    with pytest.raises(error):
        changed(IMAGE, resource, ("retention.ms", SET, "5"))


def test_brokers_have_configs_one_by_one_and_together():
    image = changed(IMAGE, ALL_BROKERS, ("log.retention.ms", SET, "5"))
    image = changed(image, Resource(4, "2"), ("log.retention.ms", SET, "6"))
    layers = image.broker_layers(2, {})
    assert (layers.default_broker, layers.broker) == ({"log.retention.ms": "5"}, {"log.retention.ms": "6"})
    with pytest.raises(InvalidRequest, match="cannot be changed while brokers run"):
        changed(image, ALL_BROKERS, ("log.dirs", SET, "/elsewhere"))
    with pytest.raises(InvalidConfig, match="no such setting"):
        changed(image, ALL_BROKERS, ("retention.ms", SET, "5"))


def test_each_resource_has_its_own_answer():
    result = incremental_alter(
        IMAGE,
        [
            Alteration(ORDERS, (Change("flush.ms", SET, "1"),)),
            Alteration(Resource(2, "others"), (Change("flush.ms", SET, "soon"),)),
        ],
    )
    assert [type(item.error) for item in result.reply] == [type(None), InvalidConfig]
    assert result.records == (ConfigRecord(2, "orders", "flush.ms", "1"),)


def test_a_resource_named_twice_is_refused_both_times():
    wanted = Alteration(ORDERS, (Change("flush.ms", SET, "1"),))
    result = incremental_alter(IMAGE, [wanted, wanted])
    assert [type(item.error) for item in result.reply] == [InvalidRequest, InvalidRequest]
    assert result.records == ()


def test_replacing_takes_away_what_is_not_named():
    image = changed(IMAGE, ORDERS, ("retention.ms", SET, "5"), ("segment.ms", SET, "6"))
    result = alter(image, [Replacement(ORDERS, (("segment.ms", "7"), ("flush.ms", "8")))])
    assert after(image, result).topic_configs("orders") == {"segment.ms": "7", "flush.ms": "8"}
    emptied = alter(image, [Replacement(ORDERS, ())])
    assert after(image, emptied).topic_configs("orders") == {}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((("flush.ms", "1"), ("flush.ms", "2")), InvalidRequest),
        ((("flush.ms", None),), InvalidRequest),
        ((("nonsense", "1"),), InvalidConfig),
    ],
)
def test_replacements_that_cannot_be(values, error):
    result = alter(IMAGE, [Replacement(ORDERS, values)])
    assert type(result.reply[0].error) is error
    assert result.records == ()


def test_wishes_may_be_judged_only():
    assert alter(IMAGE, [Replacement(ORDERS, (("flush.ms", "1"),))], validate_only=True).records == ()
    wanted = Alteration(ORDERS, (Change("flush.ms", SET, "1"),))
    assert incremental_alter(IMAGE, [wanted], validate_only=True).records == ()


def test_what_is_not_there_can_be_deleted():
    assert changed(IMAGE, ORDERS, ("nonsense", DELETE, None)) == IMAGE


def test_a_list_is_edited_that_brokers_were_started_with():
    wanted = [Alteration(ORDERS, (Change("cleanup.policy", APPEND, "delete"),))]
    result = incremental_alter(IMAGE, wanted, layers=Layers(static={"log.cleanup.policy": "compact"}))
    assert result.records == (ConfigRecord(2, "orders", "cleanup.policy", "compact,delete"),)
    wanted = [Alteration(ALL_BROKERS, (Change("log.cleanup.policy", SUBTRACT, "delete"),))]
    result = incremental_alter(IMAGE, wanted, layers=Layers(static={"log.cleanup.policy": "compact,delete"}))
    assert result.records == (ConfigRecord(4, "", "log.cleanup.policy", "compact"),)


def test_what_is_no_list_is_not_appended_to():
    with pytest.raises(InvalidConfig, match="is no list"):
        changed(IMAGE, ALL_BROKERS, ("log.retention.ms", APPEND, "5"))


def test_some_settings_are_one_brokers_alone():
    with pytest.raises(InvalidRequest, match="one broker at a time"):
        changed(IMAGE, ALL_BROKERS, ("ssl.cipher.suites", SET, "a"))
    image = changed(IMAGE, Resource(4, "2"), ("ssl.cipher.suites", SET, "a"))
    assert image.broker_layers(2, {}).broker == {"ssl.cipher.suites": "a"}


def test_groups_have_settings_within_the_bounds_of_the_broker():
    group = Resource(32, "readers")
    image = changed(IMAGE, group, ("consumer.session.timeout.ms", SET, "50000"))
    assert image.config_of(group) == {"consumer.session.timeout.ms": "50000"}
    wanted = [Alteration(group, (Change("consumer.session.timeout.ms", SET, "10000"),))]
    (refused,) = incremental_alter(image, wanted).reply
    assert isinstance(refused.error, InvalidConfig)
    assert "less than 45000, which group.consumer.min.session.timeout.ms says" in str(refused.error)
    generous = Layers(static={"group.consumer.min.session.timeout.ms": "6000"})
    (taken,) = incremental_alter(image, wanted, layers=generous).reply
    assert taken.error is None


def test_subscriptions_to_metrics_have_settings():
    mine = Resource(16, "mine")
    image = changed(IMAGE, mine, ("metrics", SET, "org.apache.kafka.producer."), ("interval.ms", SET, "100"))
    image = changed(image, mine, ("match", APPEND, "client_id=a.*"))
    image = changed(image, mine, ("match", APPEND, "client_source_port=9[0-9]+"))
    assert image.config_of(mine)["match"] == "client_id=a.*,client_source_port=9[0-9]+"


def test_the_names_that_have_settings_are_bounded(monkeypatch):
    monkeypatch.setattr(configs, "CONFIGURED_NAMES_LIMIT", 2)
    image = changed(IMAGE, ORDERS, ("flush.ms", SET, "1"))
    wanted = [Alteration(Resource(32, name), (Change(HEARTBEAT, SET, "6000"),)) for name in ("a", "b")]
    result = incremental_alter(image, wanted)
    assert [type(item.error) for item in result.reply] == [type(None), PolicyViolation]
    image = after(image, result)
    assert changed(image, Resource(32, "a"), (HEARTBEAT, SET, "7000")) != image, "those that have some go on"
    assert changed(image, Resource(2, "others"), ("flush.ms", SET, "1")) != image, "topics are bounded otherwise"
    freed = changed(image, Resource(32, "a"), (HEARTBEAT, DELETE, None))
    assert changed(freed, Resource(32, "b"), (HEARTBEAT, SET, "6000")).config_of(Resource(32, "b"))
