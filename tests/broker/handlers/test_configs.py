"""DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cordwood.broker.handlers import configs
from cordwood.metadata import ResourceKind
from cordwood.model.settings import Source
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages import alter_configs, incremental_alter_configs
from cordwood.wire.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from cordwood.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from cordwood.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.list_config_resources import ListConfigResourcesRequest
from tests.broker.handlers.messages import batch_of, produce_request
from tests.raw_client import RawClient

TOPIC = int(ResourceKind.TOPIC)
BROKER = int(ResourceKind.BROKER)
LOGGERS = int(ResourceKind.BROKER_LOGGER)
METRICS = int(ResourceKind.CLIENT_METRICS)
GROUP = int(ResourceKind.GROUP)
SET, DELETE, APPEND, SUBTRACT = range(4)


def describe(client: RawClient, kind: int, name: str, keys: list[str] | None = None, version: int = 4) -> Any:
    asked = DescribeConfigsResource(resource_type=kind, resource_name=name, configuration_keys=keys)
    request = DescribeConfigsRequest(resources=[asked], include_synonyms=True, include_documentation=True)
    return client.ask(request, version).results[0]


def value(client: RawClient, kind: int, name: str, key: str) -> tuple[str | None, int]:
    (config,) = describe(client, kind, name, [key]).configs
    return config.value, config.config_source


def change(client: RawClient, kind: int, name: str, *changes: tuple[str, int, str | None], **more: Any) -> Any:
    configs = [incremental_alter_configs.AlterableConfig(key, operation, text) for key, operation, text in changes]
    resource = incremental_alter_configs.AlterConfigsResource(kind, name, configs)
    request = incremental_alter_configs.IncrementalAlterConfigsRequest(resources=[resource], **more)
    return client.ask(request, 1).responses[0]


@pytest.mark.parametrize("version", range(1, 5))
def test_every_setting_of_a_topic(client: RawClient, topic: str, version: int) -> None:
    found = describe(client, TOPIC, topic, version=version)
    assert found.error_code == 0
    configs = {config.name: config for config in found.configs}
    assert configs["max.message.bytes"].value == "1048588"
    assert configs["cleanup.policy"].value == "delete"
    assert configs["flush.policy"].config_source == Source.DEFAULT
    if version >= 3:
        assert configs["max.message.bytes"].documentation


def test_a_broker_describes_itself_and_only_itself(client: RawClient) -> None:
    configs = {config.name: config for config in describe(client, BROKER, "1").configs}
    assert configs["log.dirs"].read_only
    assert configs["num.partitions"].value == "1"
    assert describe(client, BROKER, "2").error_code == ErrorCode.INVALID_REQUEST
    assert describe(client, TOPIC, "nowhere").error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert describe(client, TOPIC, "no name").error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
    assert describe(client, LOGGERS, "2").error_code == ErrorCode.INVALID_REQUEST
    assert describe(client, METRICS, "").error_code == ErrorCode.INVALID_REQUEST
    assert describe(client, GROUP, "").error_code == ErrorCode.INVALID_REQUEST
    assert describe(client, 77, "x").error_code == ErrorCode.INVALID_REQUEST


def test_single_settings_change_and_act_at_once(client: RawClient, topic: str) -> None:
    assert change(client, TOPIC, topic, ("max.message.bytes", 0, "1000")).error_code == 0
    assert value(client, TOPIC, topic, "max.message.bytes") == ("1000", Source.TOPIC)
    large = produce_request(topic, batch_of([b"x" * 2000]))
    assert client.ask(large, 9).responses[0].partition_responses[0].error_code == ErrorCode.MESSAGE_TOO_LARGE
    assert change(client, TOPIC, topic, ("max.message.bytes", 1, None)).error_code == 0
    assert value(client, TOPIC, topic, "max.message.bytes") == ("1048588", Source.DEFAULT)
    assert client.ask(large, 9).responses[0].partition_responses[0].error_code == 0


def test_lists_grow_and_shrink(client: RawClient, topic: str) -> None:
    assert change(client, TOPIC, topic, ("cleanup.policy", 2, "compact")).error_code == 0
    assert value(client, TOPIC, topic, "cleanup.policy")[0] == "delete,compact"
    assert change(client, TOPIC, topic, ("cleanup.policy", 3, "delete")).error_code == 0
    assert value(client, TOPIC, topic, "cleanup.policy")[0] == "compact"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([("no.such.thing", 0, "1")], ErrorCode.INVALID_CONFIG),
        ([("max.message.bytes", 0, "many")], ErrorCode.INVALID_CONFIG),
        ([("max.message.bytes", 9, "1")], ErrorCode.INVALID_REQUEST),
    ],
)
def test_changes_that_cannot_be(client: RawClient, topic: str, changes: Any, code: ErrorCode) -> None:
    answer = change(client, TOPIC, topic, *changes)
    assert ErrorCode(answer.error_code).name == code.name
    assert answer.error_message
    assert value(client, TOPIC, topic, "max.message.bytes")[1] == Source.DEFAULT


def test_validating_changes_nothing(client: RawClient, topic: str) -> None:
    assert change(client, TOPIC, topic, ("max.message.bytes", 0, "1000"), validate_only=True).error_code == 0
    assert value(client, TOPIC, topic, "max.message.bytes")[1] == Source.DEFAULT


@pytest.mark.parametrize("version", range(3))
def test_replacing_all_settings(client: RawClient, topic: str, version: int) -> None:
    change(client, TOPIC, topic, ("max.message.bytes", 0, "1000"))
    configs = [alter_configs.AlterableConfig("retention.ms", "5000")]
    resource = alter_configs.AlterConfigsResource(TOPIC, topic, configs)
    answer = client.ask(alter_configs.AlterConfigsRequest(resources=[resource]), version).responses[0]
    assert answer.error_code == 0
    assert value(client, TOPIC, topic, "retention.ms") == ("5000", Source.TOPIC)
    assert value(client, TOPIC, topic, "max.message.bytes")[1] == Source.DEFAULT


def test_a_default_of_all_brokers_lies_under_the_topics(client: RawClient, topic: str) -> None:
    assert change(client, BROKER, "", ("message.max.bytes", 0, "2000000")).error_code == 0
    assert value(client, TOPIC, topic, "max.message.bytes")[0] == "2000000"
    large = produce_request(topic, batch_of([b"x" * 1_500_000]))
    assert client.ask(large, 9).responses[0].partition_responses[0].error_code == 0
    assert change(client, BROKER, "", ("message.max.bytes", 1, None)).error_code == 0
    assert value(client, TOPIC, topic, "max.message.bytes")[0] == "1048588"


def resources(client: RawClient, *kinds: int, version: int = 1) -> set[tuple[str, int]]:
    answer = client.ask(ListConfigResourcesRequest(resource_types=list(kinds)), version)
    assert answer.error_code == 0
    return {(one.resource_name, one.resource_type) for one in answer.config_resources}


def test_resources_that_have_settings(client: RawClient, topic: str) -> None:
    change(client, GROUP, "listed", ("consumer.heartbeat.interval.ms", SET, "6000"))
    change(client, METRICS, "listed", ("interval.ms", SET, "6000"))
    expected = {(topic, TOPIC), ("1", BROKER), ("1", LOGGERS), ("listed", GROUP), ("listed", METRICS)}
    assert expected <= resources(client)
    assert resources(client, BROKER) == {("1", BROKER)}
    assert resources(client, GROUP, LOGGERS) >= {("listed", GROUP), ("1", LOGGERS)}
    assert resources(client, version=0) == {("listed", METRICS)}, "version 0 asks for client metrics"
    refused = client.ask(ListConfigResourcesRequest(resource_types=[TOPIC, 3]), 1)
    assert (refused.error_code, refused.config_resources) == (ErrorCode.UNSUPPORTED_VERSION, [])
    change(client, GROUP, "listed", ("consumer.heartbeat.interval.ms", DELETE, None))
    change(client, METRICS, "listed", ("interval.ms", DELETE, None))
    assert not {("listed", GROUP), ("listed", METRICS)} & resources(client)


def test_one_bad_resource_does_not_fail_the_others(client: RawClient, topic: str) -> None:
    def resource(kind: int, name: str, *changes: tuple[str, int, str | None]) -> Any:
        configs = [incremental_alter_configs.AlterableConfig(*change) for change in changes]
        return incremental_alter_configs.AlterConfigsResource(kind, name, configs)

    wanted = [
        resource(TOPIC, topic, ("retention.ms", 77, "1")),
        resource(GROUP, "good", ("consumer.heartbeat.interval.ms", SET, "7000")),
        resource(LOGGERS, "1", ("cordwood", SET, "LOUD")),
        resource(TOPIC, "nowhere", ("retention.ms", SET, "1")),
        resource(METRICS, "twice", ("interval.ms", SET, "100")),
        resource(METRICS, "twice", ("interval.ms", SET, "200")),
        resource(77, "x"),
        resource(BROKER, "1", ("log.retention.ms", SET, None)),
        resource(BROKER, "", ("log.retention.ms", SET, "86400000")),
    ]
    answers = client.ask(incremental_alter_configs.IncrementalAlterConfigsRequest(resources=wanted), 1).responses
    assert [(item.resource_type, item.resource_name) for item in answers] == [
        (item.resource_type, item.resource_name) for item in wanted
    ]
    assert [ErrorCode(item.error_code).name for item in answers] == [
        "INVALID_REQUEST",
        "NONE",
        "INVALID_CONFIG",
        "UNKNOWN_TOPIC_OR_PARTITION",
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "NONE",
    ]
    assert value(client, GROUP, "good", "consumer.heartbeat.interval.ms") == ("7000", Source.GROUP)
    assert change(client, BROKER, "", ("log.retention.ms", DELETE, None)).error_code == 0


# Brokers.


@pytest.mark.parametrize(
    ("name", "setting", "text", "code"),
    [
        ("", "log.dirs", "/elsewhere", ErrorCode.INVALID_REQUEST),
        ("1", "num.partitions", "3", ErrorCode.INVALID_REQUEST),
        ("1", "log.retention.ms", "soon", ErrorCode.INVALID_REQUEST),
        ("1", "log.retention.m", "1", ErrorCode.INVALID_CONFIG),
        ("", "sasl.jaas.config", "secret", ErrorCode.INVALID_REQUEST),
        ("1", "ssl.keystore.password", "secret", ErrorCode.INVALID_REQUEST),
        ("7", "log.retention.ms", "1", ErrorCode.INVALID_REQUEST),
        ("one", "log.retention.ms", "1", ErrorCode.INVALID_REQUEST),
    ],
)
def test_what_brokers_cannot_be_given(client: RawClient, name: str, setting: str, text: str, code: ErrorCode) -> None:
    answer = change(client, BROKER, name, (setting, SET, text))
    assert ErrorCode(answer.error_code).name == code.name
    assert "secret" not in answer.error_message


def test_a_secret_is_kept_and_not_told(client: RawClient) -> None:
    assert change(client, BROKER, "1", ("sasl.jaas.config", SET, "hunter2")).error_code == 0
    (config,) = describe(client, BROKER, "1", ["sasl.jaas.config"]).configs
    assert (config.value, config.is_sensitive, config.config_source) == (None, True, Source.DYNAMIC_BROKER)
    assert [synonym.value for synonym in config.synonyms] == [None]
    assert change(client, BROKER, "1", ("sasl.jaas.config", DELETE, None)).error_code == 0


def test_the_default_of_all_brokers_tells_only_what_was_set(client: RawClient) -> None:
    assert describe(client, BROKER, "").configs == []
    change(client, BROKER, "", ("log.retention.ms", SET, "1000"), ("log.segment.bytes", SET, "2000000"))
    found = describe(client, BROKER, "").configs
    assert {(config.name, config.value, config.config_source) for config in found} == {
        ("log.retention.ms", "1000", Source.DYNAMIC_DEFAULT_BROKER),
        ("log.segment.bytes", "2000000", Source.DYNAMIC_DEFAULT_BROKER),
    }
    assert all(len(config.synonyms) == 1 for config in found)
    assert [config.name for config in describe(client, BROKER, "", ["log.retention.ms", "x"]).configs] == [
        "log.retention.ms"
    ]
    change(client, BROKER, "", ("log.retention.ms", DELETE, None), ("log.segment.bytes", DELETE, None))


# Groups, and subscriptions to metrics.


def test_a_group_tells_its_settings_and_those_of_brokers_below(client: RawClient) -> None:
    (config,) = describe(client, GROUP, "calm", ["consumer.session.timeout.ms"]).configs
    assert (config.value, config.config_source, config.config_type) == ("45000", Source.DEFAULT, 3)
    assert [(one.name, one.value, one.source) for one in config.synonyms] == [
        ("group.consumer.session.timeout.ms", "45000", Source.DEFAULT)
    ]
    assert config.documentation
    assert change(client, GROUP, "calm", ("consumer.session.timeout.ms", SET, "50000")).error_code == 0
    (config,) = describe(client, GROUP, "calm", ["consumer.session.timeout.ms"]).configs
    assert (config.value, config.config_source) == ("50000", Source.GROUP)
    assert [one.source for one in config.synonyms] == [Source.GROUP, Source.DEFAULT]
    assert len(describe(client, GROUP, "anyone").configs) == 17


def test_a_group_is_kept_within_the_bounds_of_the_broker(client: RawClient) -> None:
    answer = change(client, GROUP, "calm", ("consumer.session.timeout.ms", SET, "44999"))
    assert answer.error_code == ErrorCode.INVALID_CONFIG
    assert "group.consumer.min.session.timeout.ms" in answer.error_message


def test_a_subscription_to_metrics(client: RawClient) -> None:
    changes = ("metrics", SET, "*"), ("match", APPEND, "client_id=a.*"), ("interval.ms", SET, "60000")
    assert change(client, METRICS, "all", *changes).error_code == 0
    assert {(one.name, one.value, one.config_source) for one in describe(client, METRICS, "all").configs} == {
        ("metrics", "*", Source.CLIENT_METRICS),
        ("match", "client_id=a.*", Source.CLIENT_METRICS),
        ("interval.ms", "60000", Source.CLIENT_METRICS),
    }
    unknown = change(client, METRICS, "all", ("interval", SET, "1"))
    assert unknown.error_code == ErrorCode.INVALID_REQUEST
    resource = alter_configs.AlterConfigsResource(METRICS, "all", [])
    assert client.ask(alter_configs.AlterConfigsRequest(resources=[resource]), 2).responses[0].error_code == 0
    assert {one.config_source for one in describe(client, METRICS, "all").configs} == {Source.DEFAULT}


def beat(client: RawClient, group: str, topic: str, epoch: int) -> Any:
    request = ConsumerGroupHeartbeatRequest(group_id=group, member_id="me", member_epoch=epoch)
    if epoch == 0:
        request.rebalance_timeout_ms = 60_000
        request.subscribed_topic_names = [topic]
        request.topic_partitions = []
    return client.ask(request, 1)


def test_a_running_group_goes_by_its_settings_at_once(client: RawClient, topic: str, group: str) -> None:
    joined = beat(client, group, topic, 0)
    assert (joined.error_code, joined.heartbeat_interval_ms) == (0, 5_000)
    assert change(client, GROUP, group, ("consumer.heartbeat.interval.ms", SET, "7000")).error_code == 0
    assert beat(client, group, topic, joined.member_epoch).heartbeat_interval_ms == 7_000
    assert change(client, GROUP, group, ("consumer.heartbeat.interval.ms", DELETE, None)).error_code == 0
    assert beat(client, group, topic, joined.member_epoch).heartbeat_interval_ms == 5_000


def test_who_is_silent_for_longer_than_the_group_allows_is_removed() -> None:
    """With the 45 seconds that all groups have by default the test would run out of its own time."""
    bounds = {"group.consumer.min.session.timeout.ms": "2", "group.consumer.min.heartbeat.interval.ms": "1"}
    with Server(settings=bounds) as server, RawClient(server.port) as client:
        assert client.ask(FindCoordinatorRequest(key="hasty"), 3).error_code == 0
        settings = ("consumer.session.timeout.ms", SET, "20"), ("consumer.heartbeat.interval.ms", SET, "1")
        assert change(client, GROUP, "hasty", *settings).error_code == 0
        joined = beat(client, "hasty", "topic", 0)
        assert (joined.error_code, joined.heartbeat_interval_ms) == (0, 1)
        while client.ask(ConsumerGroupDescribeRequest(group_ids=["hasty"]), 1).groups[0].members:
            pass
        assert beat(client, "hasty", "topic", joined.member_epoch).error_code == ErrorCode.UNKNOWN_MEMBER_ID


# Loggers.


def test_levels_of_loggers(client: RawClient) -> None:
    levels = {config.name: config for config in describe(client, LOGGERS, "1").configs}
    assert levels["root"].config_source == Source.DYNAMIC_BROKER_LOGGER
    assert not levels["root"].read_only
    assert levels["cordwood.node.node"].synonyms == []
    assert change(client, LOGGERS, "1", ("cordwood.node", SET, "DEBUG")).error_code == 0
    assert value(client, LOGGERS, "1", "cordwood.node.node")[0] == "DEBUG"
    assert logging.getLogger("cordwood.node.node").isEnabledFor(logging.DEBUG)
    assert change(client, LOGGERS, "1", ("cordwood.node", SET, "ERROR"), validate_only=True).error_code == 0
    assert value(client, LOGGERS, "1", "cordwood.node")[0] == "DEBUG"
    assert change(client, LOGGERS, "1", ("cordwood.node", DELETE, None)).error_code == 0
    assert value(client, LOGGERS, "1", "cordwood.node")[0] == levels["root"].value


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("1", [("no.such.logger", SET, "INFO")], ErrorCode.INVALID_CONFIG),
        ("1", [("cordwood", SET, "LOUD")], ErrorCode.INVALID_CONFIG),
        ("1", [("cordwood", SET, None)], ErrorCode.INVALID_REQUEST),
        ("1", [("cordwood", APPEND, "INFO")], ErrorCode.INVALID_REQUEST),
        ("1", [("cordwood", 9, "INFO")], ErrorCode.INVALID_REQUEST),
        ("1", [("root", DELETE, None)], ErrorCode.INVALID_REQUEST),
        ("1", [("cordwood", SET, "INFO"), ("cordwood", SET, "WARN")], ErrorCode.INVALID_REQUEST),
        ("2", [("cordwood", SET, "INFO")], ErrorCode.INVALID_REQUEST),
        ("", [("cordwood", SET, "INFO")], ErrorCode.INVALID_REQUEST),
    ],
)
def test_levels_that_cannot_be(client: RawClient, name: str, changes: Any, code: ErrorCode) -> None:
    answer = change(client, LOGGERS, name, *changes)
    assert ErrorCode(answer.error_code).name == code.name
    assert answer.error_message


def test_levels_are_not_replaced_together(client: RawClient) -> None:
    resource = alter_configs.AlterConfigsResource(LOGGERS, "1", [alter_configs.AlterableConfig("root", "INFO")])
    answer = client.ask(alter_configs.AlterConfigsRequest(resources=[resource]), 2).responses[0]
    assert answer.error_code == ErrorCode.INVALID_REQUEST


# What is asked for too often.


def test_an_answer_does_not_outgrow_its_bound(client: RawClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configs, "ENTRIES_LIMIT", 20)
    asked = [DescribeConfigsResource(GROUP, name, None) for name in ("a", "b", "c")]
    answers = client.ask(DescribeConfigsRequest(resources=asked), 4).results
    assert [len(answer.configs) for answer in answers] == [17, 0, 0]
    assert [answer.error_code for answer in answers] == [0, ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST]
