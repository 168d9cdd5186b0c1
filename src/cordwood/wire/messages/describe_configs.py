"""DescribeConfigs: the settings of topics and brokers, and where their values come from."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions, since


class DescribeConfigsResource(Struct):
    """A topic or broker, and which of its settings; null means all."""

    resource_type: Int8 = 0
    resource_name: str = ""
    configuration_keys: list[str] | None = None


class DescribeConfigsRequest(Message):
    """Asks for settings. Versions 1 to 4; 4 is flexible.

    Resource types: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    """

    api_key = 32
    versions = Versions(1, 4)
    flexible_from = 4

    resources: list[DescribeConfigsResource] = []
    include_synonyms: bool = False
    include_documentation: Annotated[bool, since(3)] = False


class DescribeConfigsSynonym(Struct):
    """A setting from which the value may come, the strongest first."""

    name: str = ""
    value: str | None = None
    source: Int8 = 0


class DescribeConfigsResourceResult(Struct):
    """One setting, its value and where that comes from."""

    name: str = ""
    value: str | None = None
    read_only: bool = False
    config_source: Int8 = -1
    is_sensitive: bool = False
    synonyms: list[DescribeConfigsSynonym] = []
    config_type: Annotated[Int8, since(3)] = 0
    documentation: Annotated[str | None, since(3)] = None


class DescribeConfigsResult(Struct):
    """The settings of one topic or broker."""

    error_code: Int16 = 0
    error_message: str | None = None
    resource_type: Int8 = 0
    resource_name: str = ""
    configs: list[DescribeConfigsResourceResult] = []


class DescribeConfigsResponse(Message):
    """The settings. Versions 1 to 4.

    Sources: 1 topic, 2 this broker (dynamic), 3 all brokers (dynamic), 4 this broker (static), 5 default.
    """

    api_key = 32
    versions = Versions(1, 4)
    flexible_from = 4

    throttle_time_ms: Int32 = 0
    results: list[DescribeConfigsResult] = []
