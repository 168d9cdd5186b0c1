"""The judgement of whole sets of values: all mistakes at once, and values that do not go together."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidConfig, InvalidRequest
from cordwood.model.settings.checks import (
    check_broker_configs,
    check_client_metrics_configs,
    check_group_configs,
    check_topic_configs,
)
from cordwood.model.settings.resolution import Layers
from tests.verdict import verdict


def test_a_topic_gets_an_error_that_names_every_mistake():
    with pytest.raises(InvalidConfig, match=r"retention\.ms.*; .*nonsense"):
        check_topic_configs({"retention.ms": "soon", "nonsense": "1"})


def test_settings_that_contradict_each_other_are_refused():
    assert verdict(check_topic_configs, {"min.compaction.lag.ms": "5", "max.compaction.lag.ms": "5"}) is None
    with pytest.raises(InvalidConfig, match="is more than"):
        check_topic_configs({"min.compaction.lag.ms": "6", "max.compaction.lag.ms": "5"})


def test_tiered_storage_is_not_promised():
    assert verdict(check_topic_configs, {"remote.storage.enable": "false"}) is None
    with pytest.raises(InvalidConfig, match="no tiered storage"):
        check_topic_configs({"remote.storage.enable": "True"})


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"log.dirs": "/elsewhere"}, InvalidRequest, r"log\.dirs: cannot be changed while brokers run"),
        ({"nonsense": "1"}, InvalidConfig, "no such setting"),
        ({"retention.ms": "1"}, InvalidConfig, "brokers call it log.retention.ms"),
        ({"log.segment.bytes": "few"}, InvalidRequest, "wants a whole number"),
        ({"log.segment.bytes": "few", "log.dirs": "/"}, InvalidRequest, "wants a whole number.*; log.dirs: cannot be"),
        ({"sasl.jaas.config": "x"}, InvalidRequest, "one broker at a time"),
        ({"ssl.keystore.password": "hunter2"}, InvalidRequest, "^ssl.keystore.password: can be changed for a single"),
    ],
)
def test_what_brokers_cannot_be_given_while_they_run(values, error, words):
    with pytest.raises(error, match=words):
        check_broker_configs(values)


def test_what_brokers_can_be_given_while_they_run():
    assert verdict(check_broker_configs, {"log.segment.bytes": "1048576"}) is None
    one_only = {"sasl.jaas.config": "x", "log.segment.bytes": "1048576"}
    assert verdict(check_broker_configs, one_only, one=True) is None


SESSION, HEARTBEAT = "consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({SESSION: "soon"}, "wants a whole number"),
        ({SESSION: "44999"}, "less than 45000, which group.consumer.min.session.timeout.ms says"),
        ({SESSION: "60001"}, "more than 60000, which group.consumer.max.session.timeout.ms says"),
        ({HEARTBEAT: "4999", SESSION: "60001"}, "; "),
        ({"streams.num.standby.replicas": "3"}, "more than 2, which group.streams.max.standby.replicas says"),
        ({"share.auto.offset.reset": "by_duration:soon"}, "wants latest, earliest, or by_duration"),
        ({"share.isolation.level": "serializable"}, "wants one of read_committed"),
        ({"consumer.session.timeout.m": "1"}, "did you mean consumer.session.timeout.ms?"),
    ],
)
def test_groups_that_cannot_be(values, words):
    with pytest.raises(InvalidConfig, match=words.replace("?", r"\?").replace("(", r"\(")):
        check_group_configs(values)


def test_a_session_outlasts_a_heartbeat_wherever_each_comes_from():
    static = {"group.consumer.min.session.timeout.ms": "1", "group.consumer.max.heartbeat.interval.ms": "90000"}
    assert verdict(check_group_configs, {SESSION: "5001"}, Layers(static)) is None
    for values in ({SESSION: "5000"}, {HEARTBEAT: "45000"}, {SESSION: "7000", HEARTBEAT: "7000"}):
        with pytest.raises(InvalidConfig, match=f"{SESSION} = .*: must be more than {HEARTBEAT}"):
            check_group_configs(values, Layers(static))


@pytest.mark.parametrize("reset", ["earliest", "latest", "by_duration:PT1H", "by_duration:P2DT0.5S"])
def test_where_share_groups_may_begin(reset):
    assert verdict(check_group_configs, {"share.auto.offset.reset": reset}) is None


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"intervall.ms": "1000"}, InvalidRequest, "did you mean interval.ms"),
        ({"interval.ms": "99"}, InvalidRequest, "from 100 to 3600000"),
        ({"interval.ms": "often"}, InvalidConfig, "from 100 to 3600000"),
        ({"match": "client_id"}, InvalidConfig, "NAME=REGULAR EXPRESSION"),
        ({"match": "client=x"}, InvalidConfig, "NAME=REGULAR EXPRESSION"),
        ({"match": "client_id", "interval.ms": "100"}, InvalidConfig, "NAME=REGULAR EXPRESSION"),
        ({"match": "client_id=("}, InvalidConfig, "match = 'client_id=\\('"),
    ],
)
def test_subscriptions_that_cannot_be(values, error, words):
    with pytest.raises(error, match=words):
        check_client_metrics_configs(values)


def test_subscriptions_that_can():
    every_key = {"metrics": "*", "interval.ms": "100", "match": "client_id = a=b.*, client_source_port=1"}
    assert verdict(check_client_metrics_configs, {}) is None
    assert verdict(check_client_metrics_configs, every_key) is None
