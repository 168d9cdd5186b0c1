"""LeaveGroup: members go."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions, since, until


class MemberIdentity(Struct):
    """A member that goes."""

    member_id: str = ""
    group_instance_id: str | None = None
    reason: Annotated[str | None, since(5)] = None


class LeaveGroupRequest(Message):
    """Removes one member up to version 2, `members` since (KIP-345). Versions 0 to 5; 4 is flexible.

    A static member may be removed by its instance id alone. Version 5 brings a reason (KIP-800).
    """

    api_key = 13
    versions = Versions(0, 5)
    flexible_from = 4

    group_id: str = ""
    member_id: Annotated[str, until(2)] = ""
    members: Annotated[list[MemberIdentity], since(3)] = []


class MemberResponse(Struct):
    """The outcome for one member."""

    member_id: str = ""
    group_instance_id: str | None = None
    error_code: Int16 = 0


class LeaveGroupResponse(Message):
    """The outcome, since version 3 also for each member. Versions 0 to 5."""

    api_key = 13
    versions = Versions(0, 5)
    flexible_from = 4

    throttle_time_ms: Annotated[Int32, since(1)] = 0
    error_code: Int16 = 0
    members: Annotated[list[MemberResponse], since(3)] = []
