"""DeleteGroups: removes groups without members, and their offsets."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions


class DeleteGroupsRequest(Message):
    """Removes groups by name. Versions 0 to 2; 2 is flexible."""

    api_key = 42
    versions = Versions(0, 2)
    flexible_from = 2

    groups_names: list[str] = []


class DeletableGroupResult(Struct):
    """The outcome for one group."""

    group_id: str = ""
    error_code: Int16 = 0


class DeleteGroupsResponse(Message):
    """The outcome for each group. Versions 0 to 2."""

    api_key = 42
    versions = Versions(0, 2)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    results: list[DeletableGroupResult] = []
