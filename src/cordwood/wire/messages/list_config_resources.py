"""ListConfigResources: the names of everything that has settings."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions, since


class ListConfigResourcesRequest(Message):
    """Asks for names: of client metrics in version 0, of the given types since 1 (KIP-1142). All flexible.

    No type at all asks for every type.
    """

    api_key = 74
    versions = Versions(0, 1)
    flexible_from = 0

    resource_types: Annotated[list[Int8], since(1)] = []


class ConfigResource(Struct):
    """Something that has settings."""

    resource_name: str = ""
    resource_type: Annotated[Int8, since(1)] = 16


class ListConfigResourcesResponse(Message):
    """The names. Versions 0 and 1, all flexible."""

    api_key = 74
    versions = Versions(0, 1)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    config_resources: list[ConfigResource] = []
