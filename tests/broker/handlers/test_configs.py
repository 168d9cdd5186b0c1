"""DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.metadata import ResourceKind
from cordwood.model.settings import Source
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages import alter_configs, incremental_alter_configs
from cordwood.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from cordwood.wire.messages.list_config_resources import ListConfigResourcesRequest
from tests.broker.handlers.messages import batch_of, produce_request
from tests.raw_client import RawClient

TOPIC = int(ResourceKind.TOPIC)
BROKER = int(ResourceKind.BROKER)


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


def test_resources_that_have_settings(client: RawClient, topic: str) -> None:
    found = client.ask(ListConfigResourcesRequest(), 1).config_resources
    assert (topic, TOPIC) in [(one.resource_name, one.resource_type) for one in found]
    assert ("1", BROKER) in [(one.resource_name, one.resource_type) for one in found]
    only = client.ask(ListConfigResourcesRequest(resource_types=[BROKER]), 1).config_resources
    assert [one.resource_name for one in only] == ["1"]
    assert client.ask(ListConfigResourcesRequest(), 0).config_resources == [], "version 0 asks for client metrics"
