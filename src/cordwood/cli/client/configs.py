"""Settings of topics, brokers and groups, as a cluster keeps them: what they are, where they come from, changes to them.

Lives here: DescribeConfigs and IncrementalAlterConfigs. Must not live here: settings of a configuration file (`config`).

| origin  | where the value comes from                                                      |
|---------|---------------------------------------------------------------------------------|
| topic   | set on this topic                                                               |
| group   | set on this group                                                               |
| broker  | set on this broker while it ran                                                 |
| cluster | set for all brokers while they ran                                              |
| static  | what the broker was started with                                                |
| default | nobody has said anything                                                        |
| unknown | the cluster does not say                                                        |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, ResourceType

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.kinds import Kind

ORIGINS: Final[Mapping[ConfigSource, str]] = {
    ConfigSource.DYNAMIC_TOPIC_CONFIG: "topic",
    ConfigSource.GROUP_CONFIG: "group",
    ConfigSource.DYNAMIC_BROKER_CONFIG: "broker",
    ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG: "cluster",
    ConfigSource.STATIC_BROKER_CONFIG: "static",
    ConfigSource.DEFAULT_CONFIG: "default",
}


TYPES: Final = {Kind.TOPIC: ResourceType.TOPIC, Kind.BROKER: ResourceType.BROKER, Kind.GROUP: ResourceType.GROUP}
"""What librdkafka knows."""


class Value(NamedTuple):
    """A setting: `text` is None where it has no value, or none that is shown; `overridden` are weaker values."""

    name: str
    text: str | None
    origin: str
    is_read_only: bool
    is_sensitive: bool
    overridden: tuple[tuple[str, str | None, str], ...]
    """Name, text and origin of what would be in force otherwise, the strongest first."""

    def to_row(self) -> dict[str, Any]:
        """The fields that programs get."""
        return {
            "name": self.name,
            "value": self.text,
            "origin": self.origin,
            "read_only": self.is_read_only,
            "sensitive": self.is_sensitive,
            "overrides": [{"name": name, "value": text, "origin": origin} for name, text, origin in self.overridden],
        }


class Change(NamedTuple):
    """A setting that gets a value, or goes back to what it is without one."""

    name: str
    text: str | None


def describe(kafka: Cluster, kind: Kind, name: str) -> list[Value] | KafkaError:
    """All settings of one thing, in alphabetical order."""
    return describe_all(kafka, kind, [name])[name]


def describe_all(kafka: Cluster, kind: Kind, names: Sequence[str]) -> dict[str, list[Value] | KafkaError]:
    """All settings of several things, asked for at once; librdkafka asks for those of one broker at a time."""
    resources = [ConfigResource(TYPES[kind], name) for name in names]
    if not resources:
        return {}
    futures = kafka.admin.describe_configs(resources, request_timeout=kafka.timeout_s)
    return {
        resource.name: outcome
        if isinstance(outcome, KafkaError)
        else [_value(entry) for _, entry in sorted(outcome.items())]
        for resource, outcome in kafka.outcomes(futures)
    }


def alter(kafka: Cluster, kind: Kind, name: str, changes: Sequence[Change], *, is_dry: bool) -> KafkaError | None:
    """Changes settings, all or none of them; `is_dry` only has the cluster judge the change."""
    entries = [
        ConfigEntry(
            change.name,
            change.text,
            incremental_operation=AlterConfigOpType.DELETE if change.text is None else AlterConfigOpType.SET,
        )
        for change in changes
    ]
    resource = ConfigResource(TYPES[kind], name, incremental_configs=entries)
    futures = kafka.admin.incremental_alter_configs([resource], validate_only=is_dry, request_timeout=kafka.timeout_s)
    ((_, outcome),) = kafka.outcomes(futures)
    return outcome if isinstance(outcome, KafkaError) else None


def _value(entry: ConfigEntry) -> Value:
    origin = origin_of(entry)
    others = [(other.name, other.value, origin_of(other)) for other in (entry.synonyms or {}).values()]
    return Value(
        entry.name,
        entry.value,
        origin,
        entry.is_read_only,
        entry.is_sensitive,
        tuple(other for other in others if other[2] != origin or other[0] != entry.name),
    )


def origin_of(entry: ConfigEntry) -> str:
    """Where a value comes from, in our words."""
    return ORIGINS.get(ConfigSource(entry.source), "unknown")
