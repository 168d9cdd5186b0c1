"""DescribeAcls: who may do what."""

from __future__ import annotations

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions


class DescribeAclsRequest(Message):
    """Asks for the entries that a filter matches; null matches all. Versions 1 to 3; 2 is flexible."""

    api_key = 29
    versions = Versions(1, 3)
    flexible_from = 2

    resource_type_filter: Int8 = 0
    resource_name_filter: str | None = None
    pattern_type_filter: Int8 = 3
    principal_filter: str | None = None
    host_filter: str | None = None
    operation: Int8 = 0
    permission_type: Int8 = 0


class AclDescription(Struct):
    """What a principal may or may not do from a host."""

    principal: str = ""
    host: str = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class DescribeAclsResource(Struct):
    """The entries of one resource, or of all resources that a pattern matches."""

    resource_type: Int8 = 0
    resource_name: str = ""
    pattern_type: Int8 = 3
    acls: list[AclDescription] = []


class DescribeAclsResponse(Message):
    """The entries, by resource. Versions 1 to 3."""

    api_key = 29
    versions = Versions(1, 3)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    resources: list[DescribeAclsResource] = []
