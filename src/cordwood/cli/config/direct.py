"""Settings that librdkafka has no call for: of subscriptions to metrics, of loggers, and those for all brokers.

      a broker's address from the metadata ──> a connection of our own ──> DescribeConfigs, IncrementalAlterConfigs

Lives here: these two requests, with the answers in the form that `client.configs` has. Must not live here: connections
(`cluster.direct`), which do without TLS and SASL, and so do these settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError

from cordwood.cli.client.configs import Change, Value
from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.kinds import Kind
from cordwood.cli.cluster.direct import ask_first
from cordwood.cli.config.targets import Target
from cordwood.node.addresses import HostPort
from cordwood.wire.messages import describe_configs, incremental_alter_configs
from cordwood.wire.schema import Message

TYPES: Final[Mapping[Kind, int]] = {Kind.BROKER: 4, Kind.BROKER_LOGGERS: 8, Kind.CLIENT_METRICS: 16}
"""The numbers that the protocol has for what has settings."""

ORIGINS: Final[Mapping[int, str]] = {
    2: "broker",
    3: "cluster",
    4: "static",
    5: "default",
    6: "broker-loggers",
    7: "client-metrics",
}

SET: Final = 0
DELETE: Final = 1


def describe(kafka: Cluster, target: Target) -> list[Value] | KafkaError:
    """All settings of one thing, in alphabetical order. Raises Unreachable and NoWayIn."""
    resource = describe_configs.DescribeConfigsResource(
        resource_type=TYPES[target.kind], resource_name=target.resource_name
    )
    request = describe_configs.DescribeConfigsRequest(resources=[resource], include_synonyms=True)
    (result,) = _ask(kafka, target, request).results
    if result.error_code:
        return KafkaError(result.error_code, result.error_message or None)
    return [_value(entry) for entry in sorted(result.configs, key=lambda entry: entry.name)]


def alter(kafka: Cluster, target: Target, changes: Sequence[Change], *, is_dry: bool) -> KafkaError | None:
    """Changes settings, all or none of them. Raises Unreachable and NoWayIn."""
    configs = [
        incremental_alter_configs.AlterableConfig(
            name=change.name, config_operation=DELETE if change.text is None else SET, value=change.text
        )
        for change in changes
    ]
    resource = incremental_alter_configs.AlterConfigsResource(
        resource_type=TYPES[target.kind], resource_name=target.resource_name, configs=configs
    )
    request = incremental_alter_configs.IncrementalAlterConfigsRequest(resources=[resource], validate_only=is_dry)
    (result,) = _ask(kafka, target, request).responses
    return KafkaError(result.error_code, result.error_message or None) if result.error_code else None


def _ask(kafka: Cluster, target: Target, request: Message) -> Any:  # noqa: ANN401 - the response of the API
    return ask_first(kafka, str(target), _places(kafka, target), request)


def _places(kafka: Cluster, target: Target) -> list[HostPort]:
    """Where to ask: the broker whose loggers are meant, or else any."""
    return [
        HostPort(str(broker.host), int(broker.port))
        for broker in kafka.metadata().brokers.values()
        if target.kind is not Kind.BROKER_LOGGERS or str(broker.id) == target.name
    ]


def _value(entry: describe_configs.DescribeConfigsResourceResult) -> Value:
    origin = ORIGINS.get(entry.config_source, "unknown")
    weaker = [(one.name, one.value, ORIGINS.get(one.source, "unknown")) for one in entry.synonyms]
    return Value(
        entry.name,
        entry.value,
        origin,
        entry.read_only,
        entry.is_sensitive,
        tuple(one for one in weaker if one[2] != origin or one[0] != entry.name),
    )
