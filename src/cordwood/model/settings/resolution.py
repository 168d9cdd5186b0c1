"""Where the value of a setting comes from.

Lives here: the layers of values, which of them wins, and the full story of it for DescribeConfigs. Must not live here:
files, environments and flags; `node.configuration` makes one static layer of them.

The setting of a topic or a group is taken from the first of these that has it; a broker's from the second on. Within
one layer the broker's names for a topic's setting count in the order of its `sources`.

    topic or group > this broker, while running > all brokers, while running > this broker's configuration > default
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import IntEnum
from itertools import dropwhile
from types import MappingProxyType
from typing import Final

import msgspec

from cordwood.model.settings.per_group_rows import BOUNDS, NO_BOUNDS
from cordwood.model.settings.setting import Fallback, Kind, Setting, Value
from cordwood.model.settings.table import BROKER, CLIENT_METRICS, GROUP, TOPIC


class Source(IntEnum):
    """The layer that a value comes from; the numbers are those of DescribeConfigs (KIP-226)."""

    UNKNOWN = 0
    TOPIC = 1
    DYNAMIC_BROKER = 2
    DYNAMIC_DEFAULT_BROKER = 3
    STATIC_BROKER = 4
    DEFAULT = 5
    DYNAMIC_BROKER_LOGGER = 6
    CLIENT_METRICS = 7
    GROUP = 8


class Layers(msgspec.Struct, frozen=True):
    """The values given to brokers, as text by name: in their configuration, to all and to one while they run."""

    static: Mapping[str, str] = {}
    default_broker: Mapping[str, str] = {}
    broker: Mapping[str, str] = {}

    def strongest_first(self) -> tuple[tuple[Source, Mapping[str, str]], ...]:
        """The layers in the order in which they win."""
        return (
            (Source.DYNAMIC_BROKER, self.broker),
            (Source.DYNAMIC_DEFAULT_BROKER, self.default_broker),
            (Source.STATIC_BROKER, self.static),
        )


NO_LAYERS: Final = Layers()

ONE_THING: Final[Mapping[str, tuple[Fallback, ...]]] = MappingProxyType(
    {source.name: row.sources for row in TOPIC.values() if len(row.sources) > 1 for source in row.sources}
)
"""The names of brokers' settings for one thing, log.retention.hours for example, the strongest first."""


class Synonym(msgspec.Struct, frozen=True):
    """One place that gives a setting a value, by the name that the setting has there."""

    name: str
    value: str | None
    source: Source


class ConfigEntry(msgspec.Struct, frozen=True):
    """All that DescribeConfigs tells about a setting. The value of a secret is None."""

    name: str
    value: str | None
    source: Source
    read_only: bool
    sensitive: bool
    kind: Kind
    document: str | None
    synonyms: tuple[Synonym, ...]

    @property
    def is_default(self) -> bool:
        """Whether nobody gave the setting a value."""
        return self.source is Source.DEFAULT


def topic_value(name: str, overrides: Mapping[str, str], layers: Layers) -> Value:
    """The value of a topic's setting, where the topic has these overrides."""
    return _value(TOPIC[name], overrides, layers)


def topic_values(overrides: Mapping[str, str], layers: Layers) -> dict[str, Value]:
    """The values of all of a topic's settings."""
    return {name: topic_value(name, overrides, layers) for name in TOPIC}


def inherited_value(setting: Setting, layers: Layers) -> Value:
    """The value that a setting of a topic, a group or a broker has where nobody gives it one while brokers run."""
    static = Layers(static=layers.static)
    return broker_value(setting.name, static) if setting is BROKER.get(setting.name) else _value(setting, {}, static)


def group_number(name: str, overrides: Mapping[str, str], layers: Layers) -> int:
    """The value of a group's setting that is a number, where the group has these overrides.

    A group's own value is kept within the bounds of this broker, which may be others than when it was given.
    """
    value = _value(GROUP[name], overrides, layers)
    assert isinstance(value, int), (name, value)
    if name not in overrides:
        return value
    low, high = bounds(name, layers)
    return max(low if low is not None else value, min(value, high if high is not None else value))


def bounds(name: str, layers: Layers) -> tuple[int | None, int | None]:
    """Between which numbers a group's own setting must lie on such a broker; None where there is no bound."""
    low, high = (None if bound is None else broker_number(bound, layers) for bound in BOUNDS.get(name, NO_BOUNDS))
    return low, high


def broker_value(name: str, layers: Layers) -> Value:
    """The value of a broker's setting."""
    setting = BROKER[name]
    for _, values in layers.strongest_first():
        text = values.get(name)
        if text is not None:
            return setting.parse(text)
    return setting.default


def broker_number(name: str, layers: Layers) -> int:
    """The value of a broker's setting that is a number, and always has one."""
    value = broker_value(name, layers)
    assert isinstance(value, int), (name, value)
    return value


def describe_topic(
    overrides: Mapping[str, str], layers: Layers, names: Collection[str] | None = None
) -> list[ConfigEntry]:
    """The settings of a topic, or those of them that are named; names that do not exist are left out."""
    return _described(TOPIC, Source.TOPIC, overrides, layers, names)


def describe_group(
    overrides: Mapping[str, str], layers: Layers, names: Collection[str] | None = None
) -> list[ConfigEntry]:
    """The settings of a group, or those of them that are named; names that do not exist are left out."""
    return _described(GROUP, Source.GROUP, overrides, layers, names)


def describe_client_metrics(overrides: Mapping[str, str], names: Collection[str] | None = None) -> list[ConfigEntry]:
    """The settings of a subscription to metrics, or those of them that are named."""
    return _described(CLIENT_METRICS, Source.CLIENT_METRICS, overrides, NO_LAYERS, names)


def describe_broker(layers: Layers, names: Collection[str] | None = None) -> list[ConfigEntry]:
    """The settings of a broker, or those of them that are named; names that do not exist are left out."""
    return [
        _entry(setting, broker_value(name, layers), tuple(_broker_synonyms(name, layers)), not setting.dynamic)
        for name, setting in BROKER.items()
        if names is None or name in names
    ]


def _broker_synonyms(name: str, layers: Layers) -> Iterator[Synonym]:
    """As Kafka tells them: those of all names for one thing, from the first on that has the name that is asked for."""
    found = _synonyms(layers, ONE_THING.get(name, (Fallback(name),)))
    return dropwhile(lambda synonym: synonym.name != name, found)


def _described(
    table: Mapping[str, Setting],
    source: Source,
    overrides: Mapping[str, str],
    layers: Layers,
    names: Collection[str] | None,
) -> list[ConfigEntry]:
    return [
        _entry(
            setting, _value(setting, overrides, layers), tuple(_own_synonyms(setting, source, overrides, layers)), False
        )
        for name, setting in table.items()
        if names is None or name in names
    ]


def _value(setting: Setting, overrides: Mapping[str, str], layers: Layers) -> Value:
    text = overrides.get(setting.name)
    if text is not None:
        return setting.parse(text)
    for _, values in layers.strongest_first():
        for source in setting.sources:
            text = values.get(source.name)
            if text is not None:
                return scaled(BROKER[source.name].parse(text), source)
    return setting.default


def scaled(value: Value, source: Fallback) -> Value:
    """A broker's value in the units of the topic's setting. A negative number is a sign, such as -1 for never."""
    if source.factor == 1 or isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return value
    return value * source.factor


def _entry(setting: Setting, value: Value, synonyms: tuple[Synonym, ...], read_only: bool) -> ConfigEntry:
    return ConfigEntry(
        name=setting.name,
        value=None if setting.sensitive else setting.render(value),
        source=synonyms[0].source if synonyms else Source.DEFAULT,
        read_only=read_only,
        sensitive=setting.sensitive,
        kind=setting.kind,
        document=setting.document,
        synonyms=synonyms,
    )


def _own_synonyms(setting: Setting, source: Source, overrides: Mapping[str, str], layers: Layers) -> Iterator[Synonym]:
    override = overrides.get(setting.name)
    if override is not None:
        yield Synonym(setting.name, override, source)
    if setting.sources:
        yield from _synonyms(layers, setting.sources)
    elif source is Source.GROUP:  # Kafka tells the default of groups' settings only.
        yield Synonym(setting.name, setting.render(setting.default), Source.DEFAULT)


def _synonyms(layers: Layers, sources: tuple[Fallback, ...]) -> Iterator[Synonym]:
    """Every layer's value for the broker's names, each in its own units, the one that wins first."""
    for layer, values in layers.strongest_first():
        for source in sources:
            if source.name in values:
                sensitive = BROKER[source.name].sensitive
                yield Synonym(source.name, None if sensitive else values[source.name], layer)
    for source in sources:
        row = BROKER[source.name]
        if row.default is not None:
            yield Synonym(source.name, row.render(row.default), Source.DEFAULT)
