"""CreateAcls: says who may do what."""

from __future__ import annotations

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions


class AclCreation(Struct):
    """An entry to be made: a principal may or may not do something to a resource, from a host."""

    resource_type: Int8 = 0
    resource_name: str = ""
    resource_pattern_type: Int8 = 3
    principal: str = ""
    host: str = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class CreateAclsRequest(Message):
    """Makes entries. Versions 1 to 3; 2 is flexible."""

    api_key = 30
    versions = Versions(1, 3)
    flexible_from = 2

    creations: list[AclCreation] = []


class AclCreationResult(Struct):
    """The outcome for one entry."""

    error_code: Int16 = 0
    error_message: str | None = None


class CreateAclsResponse(Message):
    """The outcome for each entry. Versions 1 to 3."""

    api_key = 30
    versions = Versions(1, 3)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    results: list[AclCreationResult] = []
