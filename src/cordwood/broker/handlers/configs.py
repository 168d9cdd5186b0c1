"""Settings: DescribeConfigs (32), AlterConfigs (33), IncrementalAlterConfigs (44), ListConfigResources (74).

Resources are topics, brokers ("" names the default of all brokers), the loggers of this broker, groups, and subscriptions
to the metrics of clients. A broker tells the settings of itself only, since those it was started with are known to nobody
else; it takes changes for every broker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from cordwood.broker import loggers
from cordwood.broker.context import Call, Context
from cordwood.metadata import Resource, ResourceKind, configs
from cordwood.metadata.configs import Alteration, Altered, Change, Replacement
from cordwood.metadata.names import check_name
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.settings import (
    ConfigEntry,
    Kind,
    Layers,
    Source,
    describe_broker,
    describe_client_metrics,
    describe_group,
    describe_topic,
)
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages import alter_configs, incremental_alter_configs
from cordwood.wire.messages.alter_configs import AlterConfigsRequest, AlterConfigsResponse
from cordwood.wire.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from cordwood.wire.messages.incremental_alter_configs import (
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from cordwood.wire.messages.list_config_resources import (
    ConfigResource,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
)

NAMED_BY_CONFIGS: Final = frozenset({ResourceKind.CLIENT_METRICS, ResourceKind.GROUP})
"""Kinds of resources that there are where they have settings."""

ENTRIES_LIMIT: Final = 500_000
"""The most settings in one answer: every one takes much more room there than in the request for it."""


Known = dict[tuple[object, ...], list[DescribeConfigsResourceResult]]
"""What one answer holds already, by what it depends on."""


# DescribeConfigs.


def handle_describe_configs(context: Context, call: Call, request: DescribeConfigsRequest) -> DescribeConfigsResponse:
    """Every setting of a resource with where its value comes from."""
    results: list[DescribeConfigsResult] = []
    room = ENTRIES_LIMIT
    known: Known = {}
    for asked in request.resources:
        result = DescribeConfigsResult(resource_type=asked.resource_type, resource_name=asked.resource_name)
        results.append(result)
        try:
            found = _described(context, request, asked, known)
            if len(found) > room:
                raise InvalidRequest(
                    f"the answer would hold more than {ENTRIES_LIMIT} settings: ask for fewer at a time"
                )
        except CordwoodError as error:
            result.error_code = code_of(error)
            result.error_message = str(error)
        else:
            result.configs = found
            room -= len(found)
    return DescribeConfigsResponse(results=results)


def _described(
    context: Context, request: DescribeConfigsRequest, asked: DescribeConfigsResource, known: Known
) -> list[DescribeConfigsResourceResult]:
    """The settings of a resource. Most topics have the same, and are answered with the same list."""
    resource = Resource(asked.resource_type, asked.resource_name)
    _check(context, resource)
    given = context.image.config_of(resource)
    names = tuple(asked.configuration_keys or ())
    alike = (resource.kind, not resource.name, names, tuple(given.items()))
    found = known.get(alike)
    if found is None:
        entries = _entries(context, resource, given, names or None)
        found = known[alike] = [_entry(entry, request) for entry in entries]
    return found


def _check(context: Context, resource: Resource) -> None:
    """Raises unless there are settings of the resource to tell here."""
    match resource.kind:
        case ResourceKind.TOPIC:
            check_name(resource.name)
            context.image.topic(resource.name)
        case ResourceKind.BROKER:
            if resource.name:
                _check_own(context, resource)
        case ResourceKind.BROKER_LOGGER:
            _check_own(context, resource)
        case ResourceKind.CLIENT_METRICS | ResourceKind.GROUP:
            if not resource.name:
                raise InvalidRequest(
                    "the name of the resource is empty: there are no settings for all of them together"
                )
        case _:
            raise InvalidRequest(f"resources of type {resource.kind} have no settings here")


def _entries(
    context: Context, resource: Resource, given: Mapping[str, str], names: Collection[str] | None
) -> list[ConfigEntry]:
    match resource.kind:
        case ResourceKind.TOPIC:
            return describe_topic(given, context.layers, names)
        case ResourceKind.GROUP:
            return describe_group(given, context.layers, names)
        case ResourceKind.CLIENT_METRICS:
            return describe_client_metrics(given, names)
        case ResourceKind.BROKER_LOGGER:
            return [_logger(name, level) for name, level in loggers.levels().items() if names is None or name in names]
        case _:
            return describe_broker(context.layers, names) if resource.name else _cluster_defaults(given, names)


def _check_own(context: Context, resource: Resource) -> None:
    """Only the broker itself knows what it was started with, and what its loggers write."""
    if resource.name != str(context.settings.broker_id):
        itself = f"ask broker {resource.name} itself" if resource.name else "name it"
        raise InvalidRequest(f"this is broker {context.settings.broker_id}; {itself}")


def _cluster_defaults(given: Mapping[str, str], names: Collection[str] | None) -> list[ConfigEntry]:
    """Only what was set for all brokers (as Kafka answers for the empty broker name)."""
    found = describe_broker(Layers(default_broker=given), [name for name in given if names is None or name in names])
    return [msgspec.structs.replace(entry, synonyms=entry.synonyms[:1]) for entry in found]


def _logger(name: str, level: str) -> ConfigEntry:
    return ConfigEntry(
        name=name,
        value=level,
        source=Source.DYNAMIC_BROKER_LOGGER,
        read_only=False,
        sensitive=False,
        kind=Kind.UNKNOWN,
        document=None,
        synonyms=(),
    )


def _entry(entry: ConfigEntry, request: DescribeConfigsRequest) -> DescribeConfigsResourceResult:
    synonyms = entry.synonyms if request.include_synonyms else ()
    return DescribeConfigsResourceResult(
        name=entry.name,
        value=entry.value,
        read_only=entry.read_only,
        config_source=entry.source,
        is_sensitive=entry.sensitive,
        synonyms=[
            DescribeConfigsSynonym(name=synonym.name, value=synonym.value, source=synonym.source)
            for synonym in synonyms
        ],
        config_type=entry.kind,
        documentation=entry.document if request.include_documentation else None,
    )


# Altering.


async def handle_alter_configs(context: Context, call: Call, request: AlterConfigsRequest) -> AlterConfigsResponse:
    """Replaces all settings of each resource. Levels of loggers cannot be replaced together, as in Kafka."""
    wanted = [
        Replacement(
            resource=Resource(resource.resource_type, resource.resource_name),
            values=tuple((config.name, config.value) for config in resource.configs),
        )
        for resource in request.resources
    ]
    try:
        altered = await context.controller.propose(
            lambda image: configs.alter(
                image, wanted, layers=context.layers_in(image), validate_only=request.validate_only
            )
        )
    except CordwoodError as error:
        altered = [Altered(resource=item.resource, error=error) for item in wanted]
    return AlterConfigsResponse(
        responses=[
            alter_configs.AlterConfigsResourceResponse(
                error_code=_code(item),
                error_message=_message(item),
                resource_type=item.resource.kind,
                resource_name=item.resource.name,
            )
            for item in altered
        ]
    )


async def handle_incremental_alter_configs(
    context: Context, call: Call, request: IncrementalAlterConfigsRequest
) -> IncrementalAlterConfigsResponse:
    """Sets, removes, appends to and subtracts from single settings (KIP-339), each resource by itself."""
    wanted = [_alteration(resource) for resource in request.resources]
    of_cluster = [item for item in wanted if item.resource.kind != ResourceKind.BROKER_LOGGER]
    stored = iter(await _stored(context, of_cluster, validate_only=request.validate_only))
    counts = Counter(item.resource for item in wanted)
    altered = [
        next(stored)
        if item.resource.kind != ResourceKind.BROKER_LOGGER
        else _relevelled(context, item, counts[item.resource], validate_only=request.validate_only)
        for item in wanted
    ]
    return IncrementalAlterConfigsResponse(
        responses=[
            incremental_alter_configs.AlterConfigsResourceResponse(
                error_code=_code(item),
                error_message=_message(item),
                resource_type=item.resource.kind,
                resource_name=item.resource.name,
            )
            for item in altered
        ]
    )


def _alteration(resource: incremental_alter_configs.AlterConfigsResource) -> Alteration:
    changes = tuple(Change(config.name, config.config_operation, config.value) for config in resource.configs)
    return Alteration(resource=Resource(resource.resource_type, resource.resource_name), changes=changes)


async def _stored(context: Context, wanted: list[Alteration], *, validate_only: bool) -> list[Altered]:
    """What becomes of settings that the metadata keep."""
    if not wanted:
        return []
    try:
        return await context.controller.propose(
            lambda image: configs.incremental_alter(
                image, wanted, layers=context.layers_in(image), validate_only=validate_only
            )
        )
    except CordwoodError as error:
        return [Altered(resource=item.resource, error=error) for item in wanted]


def _relevelled(context: Context, wanted: Alteration, count: int, *, validate_only: bool) -> Altered:
    """What becomes of levels of loggers. They are this process's, and forgotten with it."""
    try:
        configs.check_alteration(wanted, count)
        _check_own(context, wanted.resource)
        for change in wanted.changes:
            loggers.check(change)
    except CordwoodError as error:
        return Altered(wanted.resource, error)
    if not validate_only:
        for change in wanted.changes:
            loggers.apply(change)
    return Altered(wanted.resource, None)


def _code(item: Altered) -> ErrorCode:
    return ErrorCode.NONE if item.error is None else code_of(item.error)


def _message(item: Altered) -> str | None:
    return None if item.error is None else str(item.error)


# ListConfigResources.


def handle_list_config_resources(
    context: Context, call: Call, request: ListConfigResourcesRequest
) -> ListConfigResourcesResponse:
    """The names of everything that can have settings (KIP-1142)."""
    kinds = set(request.resource_types)
    if call.api_version == 0:
        kinds = {ResourceKind.CLIENT_METRICS.value}  # It was ListClientMetricsResources then.
    elif not kinds:
        kinds = {kind.value for kind in ResourceKind}
    elif not kinds <= set(ResourceKind):
        return ListConfigResourcesResponse(error_code=ErrorCode.UNSUPPORTED_VERSION)
    found = []
    if ResourceKind.TOPIC in kinds:
        found += [ConfigResource(name, ResourceKind.TOPIC) for name in context.image.topics]
    for kind in (ResourceKind.BROKER, ResourceKind.BROKER_LOGGER):
        if kind in kinds:
            found += [ConfigResource(str(broker), kind) for broker in context.image.brokers]
    found += [ConfigResource(name, kind) for kind, name in context.image.configs if kind in kinds & NAMED_BY_CONFIGS]
    return ListConfigResourcesResponse(config_resources=found)
