"""AlterConfigs: replaces all settings of topics and brokers; the older of the two ways."""

from __future__ import annotations

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions


class AlterableConfig(Struct):
    """One setting."""

    name: str = ""
    value: str | None = None


class AlterConfigsResource(Struct):
    """All settings that a topic or broker shall have."""

    resource_type: Int8 = 0
    resource_name: str = ""
    configs: list[AlterableConfig] = []


class AlterConfigsRequest(Message):
    """Replaces settings; those that are not named go back to their defaults. Versions 0 to 2; 2 is flexible."""

    api_key = 33
    versions = Versions(0, 2)
    flexible_from = 2

    resources: list[AlterConfigsResource] = []
    validate_only: bool = False


class AlterConfigsResourceResponse(Struct):
    """The outcome for one topic or broker."""

    error_code: Int16 = 0
    error_message: str | None = None
    resource_type: Int8 = 0
    resource_name: str = ""


class AlterConfigsResponse(Message):
    """The outcome for each topic or broker. Versions 0 to 2."""

    api_key = 33
    versions = Versions(0, 2)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    responses: list[AlterConfigsResourceResponse] = []
