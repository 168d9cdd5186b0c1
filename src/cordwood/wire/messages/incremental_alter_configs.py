"""IncrementalAlterConfigs: changes single settings of topics and brokers."""

from __future__ import annotations

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions


class AlterableConfig(Struct):
    """One change: set (0), delete (1), append (2) or subtract (3)."""

    name: str = ""
    config_operation: Int8 = 0
    value: str | None = None


class AlterConfigsResource(Struct):
    """The changes to one topic or broker."""

    resource_type: Int8 = 0
    resource_name: str = ""
    configs: list[AlterableConfig] = []


class IncrementalAlterConfigsRequest(Message):
    """Changes settings one by one (KIP-339). Versions 0 and 1; 1 is flexible."""

    api_key = 44
    versions = Versions(0, 1)
    flexible_from = 1

    resources: list[AlterConfigsResource] = []
    validate_only: bool = False


class AlterConfigsResourceResponse(Struct):
    """The outcome for one topic or broker."""

    error_code: Int16 = 0
    error_message: str | None = None
    resource_type: Int8 = 0
    resource_name: str = ""


class IncrementalAlterConfigsResponse(Message):
    """The outcome for each topic or broker. Versions 0 and 1."""

    api_key = 44
    versions = Versions(0, 1)
    flexible_from = 1

    throttle_time_ms: Int32 = 0
    responses: list[AlterConfigsResourceResponse] = []
