"""Settings: DescribeConfigs (32), AlterConfigs (33), IncrementalAlterConfigs (44), ListConfigResources (74).

Resources are topics and brokers ("" names the default of all brokers). Left out: broker loggers, client metrics and
groups, which have no settings here and are answered INVALID_REQUEST.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.metadata import Resource, ResourceKind, configs
from cordwood.metadata.configs import Alteration, Altered, Change, Operation, Replacement
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.settings import ConfigEntry, Layers, describe_broker, describe_topic
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


# DescribeConfigs.


def handle_describe_configs(context: Context, call: Call, request: DescribeConfigsRequest) -> DescribeConfigsResponse:
    """Every setting of a resource with where its value comes from."""
    return DescribeConfigsResponse(results=[_describe(context, request, asked) for asked in request.resources])


def _describe(
    context: Context, request: DescribeConfigsRequest, asked: DescribeConfigsResource
) -> DescribeConfigsResult:
    result = DescribeConfigsResult(resource_type=asked.resource_type, resource_name=asked.resource_name)
    try:
        entries = _entries(context, asked)
    except CordwoodError as error:
        result.error_code = code_of(error)
        result.error_message = str(error)
        return result
    result.configs = [_entry(entry, request) for entry in entries]
    return result


def _entries(context: Context, asked: DescribeConfigsResource) -> list[ConfigEntry]:
    names: Collection[str] | None = asked.configuration_keys or None
    layers = context.layers
    if asked.resource_type == ResourceKind.TOPIC:
        context.image.topic(asked.resource_name)
        return describe_topic(context.image.topic_configs(asked.resource_name), layers, names)
    if asked.resource_type == ResourceKind.BROKER:
        if asked.resource_name == "":
            return _cluster_defaults(layers, names)
        if asked.resource_name != str(context.settings.broker_id):
            raise InvalidRequest(
                f"this is broker {context.settings.broker_id}; ask broker {asked.resource_name} itself"
            )
        return describe_broker(layers, names)
    raise InvalidRequest(f"resources of type {asked.resource_type} have no settings here")


def _cluster_defaults(layers: Layers, names: Collection[str] | None) -> list[ConfigEntry]:
    """Only what was set for all brokers (as Kafka answers for the empty broker name)."""
    found = describe_broker(Layers(default_broker=layers.default_broker), names)
    return [entry for entry in found if entry.name in layers.default_broker]


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
    """Replaces all settings of each resource."""
    wanted = [
        Replacement(
            resource=Resource(resource.resource_type, resource.resource_name),
            values=tuple((config.name, config.value) for config in resource.configs),
        )
        for resource in request.resources
    ]
    try:
        altered = await context.controller.propose(
            lambda image: configs.alter(image, wanted, validate_only=request.validate_only)
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
    """Sets, removes, appends to and subtracts from single settings (KIP-339)."""
    try:
        wanted = [_alteration(resource) for resource in request.resources]
        altered = await context.controller.propose(
            lambda image: configs.incremental_alter(image, wanted, validate_only=request.validate_only)
        )
    except CordwoodError as error:
        altered = [
            Altered(resource=Resource(resource.resource_type, resource.resource_name), error=error)
            for resource in request.resources
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
    changes = []
    for config in resource.configs:
        try:
            operation = Operation(config.config_operation)
        except ValueError as error:
            raise InvalidRequest(f"there is no config operation {config.config_operation}") from error
        changes.append(Change(name=config.name, operation=operation, value=config.value))
    return Alteration(resource=Resource(resource.resource_type, resource.resource_name), changes=tuple(changes))


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
    found = []
    if ResourceKind.TOPIC in kinds:
        found += [ConfigResource(name, ResourceKind.TOPIC) for name in context.image.topics]
    found += [ConfigResource(name, kind) for kind, name in context.image.configs if kind in kinds & NAMED_BY_CONFIGS]
    for kind in (ResourceKind.BROKER, ResourceKind.BROKER_LOGGER):
        if kind in kinds:
            found += [ConfigResource(str(broker), kind) for broker in context.image.brokers]
    return ListConfigResourcesResponse(config_resources=found)
