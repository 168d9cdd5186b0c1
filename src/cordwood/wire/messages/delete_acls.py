"""DeleteAcls: takes back who may do what."""

from __future__ import annotations

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions


class DeleteAclsFilter(Struct):
    """Which entries to delete; null matches all."""

    resource_type_filter: Int8 = 0
    resource_name_filter: str | None = None
    pattern_type_filter: Int8 = 3
    principal_filter: str | None = None
    host_filter: str | None = None
    operation: Int8 = 0
    permission_type: Int8 = 0


class DeleteAclsRequest(Message):
    """Deletes the entries that filters match. Versions 1 to 3; 2 is flexible."""

    api_key = 31
    versions = Versions(1, 3)
    flexible_from = 2

    filters: list[DeleteAclsFilter] = []


class DeleteAclsMatchingAcl(Struct):
    """An entry that a filter matched."""

    error_code: Int16 = 0
    error_message: str | None = None
    resource_type: Int8 = 0
    resource_name: str = ""
    pattern_type: Int8 = 3
    principal: str = ""
    host: str = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class DeleteAclsFilterResult(Struct):
    """The outcome of one filter."""

    error_code: Int16 = 0
    error_message: str | None = None
    matching_acls: list[DeleteAclsMatchingAcl] = []


class DeleteAclsResponse(Message):
    """The outcome of each filter. Versions 1 to 3."""

    api_key = 31
    versions = Versions(1, 3)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    filter_results: list[DeleteAclsFilterResult] = []
