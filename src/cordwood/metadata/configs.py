"""Decisions about configs of topics, brokers, groups and subscriptions to the metrics of clients.

Lives here: what AlterConfigs and IncrementalAlterConfigs come to, resource by resource, with the errors of Kafka's
controller. Must not live here: the table of settings (`model.settings`), what a value does, and the levels of loggers,
which are no part of the metadata.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import TypeVar

import msgspec

from cordwood.metadata.image import Image, Resource, ResourceKind
from cordwood.metadata.names import check_name
from cordwood.metadata.records import ConfigRecord, Record
from cordwood.metadata.result import Result
from cordwood.model.errors import CordwoodError, InvalidConfig, InvalidRequest, PolicyViolation
from cordwood.model.limits import CONFIGURED_NAMES_LIMIT
from cordwood.model.settings import (
    BROKER,
    CLIENT_METRICS,
    GROUP,
    NO_LAYERS,
    TOPIC,
    Kind,
    Layers,
    Setting,
    check_broker_configs,
    check_client_metrics_configs,
    check_group_configs,
    check_topic_configs,
    inherited_value,
    suggestion,
)


class Operation(IntEnum):
    """What is done to a setting; the numbers are those of IncrementalAlterConfigs (KIP-339)."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


class Change(msgspec.Struct, frozen=True):
    """One setting to change. `operation` may be a number that does not exist: that is an error of its item."""

    name: str
    operation: int
    value: str | None


class Alteration(msgspec.Struct, frozen=True):
    """Changes to some settings of a resource; the others stay."""

    resource: Resource
    changes: tuple[Change, ...]


class Replacement(msgspec.Struct, frozen=True):
    """All the settings that a resource is to have; the others go."""

    resource: Resource
    values: tuple[tuple[str, str | None], ...]


class Altered(msgspec.Struct, frozen=True):
    """What became of the wish for a resource."""

    resource: Resource
    error: CordwoodError | None


W = TypeVar("W", Alteration, Replacement)


def alter(
    image: Image, wanted: Sequence[Replacement], *, layers: Layers = NO_LAYERS, validate_only: bool = False
) -> Result[list[Altered]]:
    """Replaces the settings of resources; the reply is in the order of the wish.

    `layers` are the settings of the broker that decides: they bound what groups may be given.
    Errors of items: InvalidRequest, InvalidConfig, InvalidTopicName, UnknownTopic, PolicyViolation.
    """
    return _each(image, wanted, lambda item, *_: _replaced(item), layers, validate_only)


def incremental_alter(
    image: Image, wanted: Sequence[Alteration], *, layers: Layers = NO_LAYERS, validate_only: bool = False
) -> Result[list[Altered]]:
    """Changes some settings of resources; the reply is in the order of the wish.

    `layers`, and the errors of items, are as for `alter`.
    """
    return _each(image, wanted, _altered, layers, validate_only)


def _each(
    image: Image,
    wanted: Sequence[W],
    decide: Callable[[W, Mapping[str, str], Mapping[str, Setting], Layers], dict[str, str]],
    layers: Layers,
    validate_only: bool,
) -> Result[list[Altered]]:
    counts = Counter(item.resource for item in wanted)
    records: list[Record] = []
    reply = []
    room = CONFIGURED_NAMES_LIMIT - len(image.configs)
    for item in wanted:
        resource = item.resource
        before = image.config_of(resource)
        try:
            _check_count(counts[resource])
            after = decide(item, before, _table(image, resource), layers)
            _check(resource, before, after, layers)
            if after and not before and resource.kind in (ResourceKind.GROUP, ResourceKind.CLIENT_METRICS):
                room -= 1
                _check_room(room)
        except CordwoodError as error:
            reply.append(Altered(resource, error))
        else:
            records += _difference(resource, before, after)
            reply.append(Altered(resource, None))
    return Result(() if validate_only else tuple(records), reply)


def _check_room(room: int) -> None:
    if room < 0:
        raise PolicyViolation(f"more than {CONFIGURED_NAMES_LIMIT} names have settings: take some away first")


def _table(image: Image, resource: Resource) -> Mapping[str, Setting]:
    """The settings that a resource can have. Raises when it cannot have any."""
    match resource.kind:
        case ResourceKind.TOPIC:
            _require_name(resource, "topic")
            check_name(resource.name)
            image.topic(resource.name)
            return TOPIC
        case ResourceKind.BROKER:
            digits = resource.name.isascii() and resource.name.isdigit()
            if resource.name and not (digits and int(resource.name) in image.brokers):
                raise InvalidRequest(f"there is no broker {resource.name!r}; the empty name stands for all brokers")
            return BROKER
        case ResourceKind.CLIENT_METRICS:
            _require_name(resource, "subscription to metrics")
            return CLIENT_METRICS
        case ResourceKind.GROUP:
            _require_name(resource, "group")
            return GROUP
        case _:
            raise InvalidRequest(f"resources of kind {resource.kind} have no settings that can be changed here")


def _require_name(resource: Resource, what: str) -> None:
    if not resource.name:
        raise InvalidRequest(f"the name of a {what} cannot be empty: there are no settings for all of them together")


def _check(resource: Resource, before: Mapping[str, str], after: Mapping[str, str], layers: Layers) -> None:
    """Judges what a resource would have. Settings of a broker that stay as they are cannot be at fault."""
    match resource.kind:
        case ResourceKind.TOPIC:
            check_topic_configs(after)
        case ResourceKind.GROUP:
            check_group_configs(after, layers)
        case ResourceKind.CLIENT_METRICS:
            check_client_metrics_configs(after)
        case _:
            changed = {name: value for name, value in after.items() if before.get(name) != value}
            check_broker_configs(changed, one=resource.name != "")


def _replaced(item: Replacement) -> dict[str, str]:
    after: dict[str, str] = {}
    for name, value in item.values:
        if name in after:
            raise InvalidRequest(f"{name} is given twice")
        after[name] = _given(name, value)
    return after


def check_alteration(item: Alteration, count: int) -> None:
    """Raises InvalidRequest for what Kafka refuses before it looks at any setting; `count` is how often it is there."""
    _check_count(count)
    names = Counter(change.name for change in item.changes)
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        raise InvalidRequest(f"{', '.join(twice)}: changed more than once in one request")
    empty = [change.name for change in item.changes if change.value is None and change.operation != Operation.DELETE]
    if empty:
        raise InvalidRequest(f"{', '.join(empty)}: given without a value; delete a setting to have its default")


def _check_count(count: int) -> None:
    if count > 1:
        raise InvalidRequest("the request names a resource twice: gather its changes in one item")


def _altered(
    item: Alteration, before: Mapping[str, str], table: Mapping[str, Setting], layers: Layers
) -> dict[str, str]:
    check_alteration(item, 1)
    after = dict(before)
    for change in item.changes:
        match change.operation:
            case Operation.SET:
                after[change.name] = _given(change.name, change.value)
            case Operation.DELETE:
                after.pop(change.name, None)
            case Operation.APPEND | Operation.SUBTRACT:
                after[change.name] = _edited(change, before.get(change.name), table, layers)
            case _:
                raise InvalidRequest(f"{change.name}: there is no operation {change.operation}")
    return after


def _edited(change: Change, current: str | None, table: Mapping[str, Setting], layers: Layers) -> str:
    """A list with some of its elements added or taken away; where none was given, that of the brokers is edited."""
    setting = table.get(change.name)
    if setting is None:
        raise InvalidConfig(f"{change.name}: there is no such setting{suggestion(change.name, table)}")
    if setting.kind is not Kind.LIST:
        raise InvalidConfig(f"{change.name} is no list: it can be set and deleted, not appended to or subtracted from")
    given = setting.parse(_given(change.name, change.value))
    before = inherited_value(setting, layers) if current is None else setting.parse(current)
    before = () if before is None else before
    assert isinstance(given, tuple), given
    assert isinstance(before, tuple), before
    if change.operation == Operation.APPEND:
        return ",".join((*before, *(element for element in given if element not in before)))
    return ",".join(element for element in before if element not in given)


def _given(name: str, value: str | None) -> str:
    if value is None:
        raise InvalidRequest(f"{name} is given without a value")
    return value


def _difference(resource: Resource, before: Mapping[str, str], after: Mapping[str, str]) -> list[Record]:
    gone = [ConfigRecord(resource.kind, resource.name, name, None) for name in before if name not in after]
    changed = [
        ConfigRecord(resource.kind, resource.name, name, value)
        for name, value in after.items()
        if before.get(name) != value
    ]
    return [*gone, *changed]
